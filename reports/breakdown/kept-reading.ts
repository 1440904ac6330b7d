// What took long to read and is wanted again soon, kept for a while (ratings R18).

/** So that reading takes a twentieth of the time at most: a small installation reads each time, as it is. */
const READINGS_APART = 20;

/**
 * Reads at the first call and when what it has is older than twenty times what reading took. A failed reading is not kept.
 * `elapsedMs` never goes back.
 */
export function keepReading<T>(read: () => Promise<T>, elapsedMs: () => number): () => Promise<T> {
  let kept: { until: number; value: Promise<T> } | undefined;
  return () => {
    const begunAt = elapsedMs();
    if (kept !== undefined && begunAt < kept.until) return kept.value;
    const value = read();
    const reading = { until: Number.POSITIVE_INFINITY, value };
    kept = reading;
    value.then(
      () => {
        reading.until = begunAt + READINGS_APART * (elapsedMs() - begunAt);
      },
      () => {
        if (kept === reading) kept = undefined;
      },
    );
    return value;
  };
}
