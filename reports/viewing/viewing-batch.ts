// Viewing as columns: what figures read, by the million, without an object for each session (ratings R18).

/**
 * Sessions of whole viewers, ordered by (viewer, startedAt, device); a viewer's lie in one batch. The arrays may be longer than
 * `count` and are used again for the next batch: read them before you ask for it.
 */
export interface ViewingBatch {
  count: number;
  /** Pseudonyms. */
  viewer: Float64Array;
  device: Float64Array;
  /** Epoch ms, half-open; an open session ends now. */
  startedAt: Float64Array;
  endedAt: Float64Array;
  /** How much of its end was assumed, not reported. */
  imputedMs: Float64Array;
  /** Places in the source's `services` and `programmes`. */
  service: Uint32Array;
  programme: Uint32Array;
  /** -1 where the handset said nothing. */
  timeShiftS: Int32Array;
}

/** One reading of a window. The names grow while batches are read; what a batch refers to is there when it comes. */
export interface ViewingSource {
  services: readonly string[];
  programmes: readonly string[];
  batches: AsyncIterable<ViewingBatch>;
}

/** Reads the counted sessions (none in quarantine, none unverified: V9, V12) that overlap [from, to), epoch ms. */
export type ReadViewing = (window: { from: number; to: number }) => ViewingSource;

/** The row after the last of the viewer whose first is given. */
export function endOfViewer({ count, viewer }: ViewingBatch, first: number): number {
  let end = first + 1;
  while (end < count && viewer[end] === viewer[first]) end++;
  return end;
}
