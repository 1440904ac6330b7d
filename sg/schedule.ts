// What a guide is made of: services, programmes, and pages of a schedule (G1; XMLTV's half-open times).

export const DAY_MS = 86_400_000;

/** No programme is longer: a reader of a window looks one day back, and no further. The longest session has the same bound. */
export const LONGEST_PROGRAMME_MS = 24 * 3_600_000;

/** Texts by language (BCP 47); `und` where the source names none. */
export type Texts = Record<string, string>;

/** Epoch ms, half-open. An empty one (`from` = `to`) alone in a list says: nothing is measured. */
export interface MeasuredWindow {
  from: number;
  to: number;
}

/** `measured` empty: policy says whether all or nothing is measured (G5). `order` sorts services in lists. */
export interface Service {
  id: string;
  names: Texts;
  genre?: string;
  logo?: string;
  provider: string;
  order: number;
  /** IANA name; absent: UTC. */
  zone?: string;
  measured: MeasuredWindow[];
  /** Viewing shorter than this does not count for the service. */
  dwellMs?: number;
}

/** [startAt, stopAt) in epoch ms. `id` is unique among the programmes of the service around that time. */
export interface Programme {
  id: string;
  service: string;
  startAt: number;
  stopAt: number;
  titles: Texts;
  descriptions?: Texts;
  categories?: string[];
  rating?: string;
  episode?: string;
  series?: string;
  /** Advertising and the like, epoch ms, half-open, within the programme. */
  breaks?: { from: number; to: number }[];
}

/** The programmes of one service that start on one UTC day (days since 1970), by start; they never overlap. */
export interface Page {
  service: string;
  day: number;
  programmes: Programme[];
}

export const dayOf = (at: number): number => Math.floor(at / DAY_MS);

/** The id of a programme whose source names none: service and start to the minute, or to the second if it has any. */
export function programmeIdOf(service: string, startAt: number): string {
  const time = new Date(startAt).toISOString().replaceAll(/[-:]/g, '');
  return `${service}-${time.slice(0, startAt % 60_000 === 0 ? 13 : 15)}Z`;
}

/** The programme with its fields in one order, so that equal programmes have equal JSON. */
export function inFieldOrder(programme: Programme): Programme {
  const { id, service, startAt, stopAt, titles, descriptions, categories, rating, episode, series, breaks } = programme;
  return {
    id,
    service,
    startAt,
    stopAt,
    titles,
    ...(descriptions === undefined ? {} : { descriptions }),
    ...(categories === undefined ? {} : { categories }),
    ...(rating === undefined ? {} : { rating }),
    ...(episode === undefined ? {} : { episode }),
    ...(series === undefined ? {} : { series }),
    ...(breaks === undefined ? {} : { breaks: breaks.map(({ from, to }) => ({ from, to })) }),
  };
}

/** The programme, ended at `stopAt` if it would go on; its breaks are cut with it. */
export function endedAt(programme: Programme, stopAt: number): Programme {
  if (programme.stopAt <= stopAt) return programme;
  const { breaks, ...rest } = programme;
  const left = breaks?.filter((one) => one.from < stopAt).map(({ from, to }) => ({ from, to: Math.min(to, stopAt) }));
  return inFieldOrder({ ...rest, stopAt, ...(left === undefined || left.length === 0 ? {} : { breaks: left }) });
}
