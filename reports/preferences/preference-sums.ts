// What one user watched, kept so that a day more costs a day's sessions: sums of days, older ones folded with a half-life (R12, R15). Pure.

export const PREFERENCE_KINDS = ['service', 'programme', 'series', 'genre', 'daypart'] as const;
export type PreferenceKind = (typeof PREFERENCE_KINDS)[number];

/** Viewing of one thing. `days` is on how many days it was watched; both lose weight with age. */
export type Cell = readonly [id: string, seconds: number, days: number];

export interface Sums {
  seconds: number;
  days: number;
  /** A kind without cells is absent; a programme's id is `service/programme`. */
  cells: Partial<Record<PreferenceKind, readonly Cell[]>>;
}

/** A broadcast day, as days since 1970, at full weight. */
interface DaySums extends Sums {
  day: number;
}

/** All that is kept of a user: 13 kB of one who watches a dozen programmes every day. */
export interface PreferenceRecord {
  viewer: number;
  /** Counts the writes; 1 at the first. */
  version: number;
  /** Epoch ms: viewing before it does not count, since the user erased it or withdrew consent. */
  erasedAt?: number;
  /** Days before this one are in `base`, and never counted again. */
  through: number;
  /** As of `through`. */
  base?: Sums;
  /** By day, from `through` on; each may be counted anew. */
  days: readonly DaySums[];
}

/** A user has some dozen services and genres; of programmes those watched most are enough to tell a preference. */
const MOST_CELLS = 50;
const LEAST_SECONDS = 1; // what decayed to less is forgotten

export const emptyRecord = (viewer: number): PreferenceRecord => ({ viewer, version: 0, through: 0, days: [] });

export const isEmpty = ({ base, days }: PreferenceRecord): boolean =>
  days.length === 0 && (base === undefined || base.seconds < LEAST_SECONDS);

/** What is left of a weight after so many days. */
export const decay = (days: number, halfLifeDays: number): number => 2 ** (-days / halfLifeDays);

/** The record with these sums for the day in the place of what it had; undefined: nothing was watched. A folded day stays as it is. */
export function withDay(record: PreferenceRecord, day: number, sums: Sums | undefined): PreferenceRecord {
  if (day < record.through) return record;
  const others = record.days.filter((each) => each.day !== day);
  const days = sums === undefined ? others : [...others, { ...sums, day }];
  return { ...record, days: days.sort((a, b) => a.day - b.day) };
}

/** The record with its days before `day` in the base, each with the weight that is left. */
export function foldBefore(record: PreferenceRecord, day: number, halfLifeDays: number): PreferenceRecord {
  if (day <= record.through) return record;
  const base = compact(sumsAsOf(record, day, halfLifeDays) as Sums);
  const { base: _, ...rest } = record;
  const days = record.days.filter((each) => each.day >= day);
  return { ...rest, ...(base.seconds < LEAST_SECONDS ? {} : { base }), through: day, days };
}

/** What the days before `day` weigh at its start, the last of them fully; undefined where they can't be told apart any more. */
export function sumsAsOf(record: PreferenceRecord, day: number, halfLifeDays: number): Sums | undefined {
  if (day < record.through) return undefined;
  const parts = record.days
    .filter((each) => each.day < day)
    .map((sums) => ({ sums: sums as Sums, weight: decay(day - 1 - sums.day, halfLifeDays) }));
  if (record.base !== undefined)
    parts.unshift({ sums: record.base, weight: decay(day - record.through, halfLifeDays) });
  const total = { seconds: 0, days: 0 };
  const cells: Sums['cells'] = {};
  for (const { sums, weight } of parts) {
    total.seconds += weight * sums.seconds;
    total.days += weight * sums.days;
  }
  for (const kind of PREFERENCE_KINDS) {
    const merged = new Map<string, [number, number]>();
    for (const { sums, weight } of parts) {
      for (const [id, seconds, days] of sums.cells[kind] ?? []) {
        const [s, d] = merged.get(id) ?? [0, 0];
        merged.set(id, [s + weight * seconds, d + weight * days]);
      }
    }
    if (merged.size > 0)
      cells[kind] = [...merged].map(([id, [seconds, days]]) => [id, seconds, days] as const).sort(byWeight);
  }
  return { ...total, cells };
}

/** The greatest cells of each kind, to the millisecond. */
export function compact({ seconds, days, cells }: Sums): Sums {
  const kept: Sums['cells'] = {};
  for (const kind of PREFERENCE_KINDS) {
    const list = (cells[kind] ?? []).filter((cell) => cell[1] >= LEAST_SECONDS).toSorted(byWeight);
    if (list.length > 0)
      kept[kind] = list.slice(0, MOST_CELLS).map(([id, s, d]) => [id, toThousandth(s), toThousandth(d)] as const);
  }
  return { seconds: toThousandth(seconds), days: toThousandth(days), cells: kept };
}

const byWeight = (a: Cell, b: Cell): number => b[1] - a[1] || (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
const toThousandth = (value: number): number => Math.round(value * 1_000) / 1_000;
