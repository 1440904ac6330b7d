// The ids of events, `epoch:offset`, and what an id that a handset gives is worth (G14). Pure.

/** The epoch names the numbering of one store, so that an id of another one is known to be foreign. */
export interface EventId {
  epoch: string;
  offset: number;
}

/** What is kept: offsets from `first` through `last`; `first` is `last + 1` where there is nothing. */
export interface Kept {
  epoch: string;
  first: number;
  last: number;
}

/** From where one goes on, and whether nothing between is lost. */
export interface Resumption {
  /** Events beyond this offset follow. */
  after: number;
  recovered: boolean;
}

const FORM = /^([\w-]{1,32}):(0|[1-9]\d{0,14})$/;

export const writeId = ({ epoch, offset }: EventId): string => `${epoch}:${offset}`;

/** Undefined for what is no id. */
export function readId(text: string): EventId | undefined {
  const [, epoch, offset] = FORM.exec(text) ?? [];
  return epoch === undefined ? undefined : { epoch, offset: Number(offset) };
}

/**
 * What follows the id that a handset gives. One that is no id, of another epoch, not given out yet, or so old that events after it
 * are gone, is not recovered: then all that is left follows, and the handset fetches the rest afresh.
 */
export function resumeAfter(given: string, { epoch, first, last }: Kept): Resumption {
  const id = readId(given);
  const isKnown = id?.epoch === epoch && id.offset <= last && id.offset >= first - 1;
  return isKnown ? { after: id.offset, recovered: true } : { after: first - 1, recovered: false };
}
