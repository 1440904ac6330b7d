// A bounded cache whose entries are believed for a short time, since another process may change what they were read from.

export interface FreshCache<Value> {
  /** The value, if it was put less than the cache's time ago. */
  find(key: string, now: number): Value | undefined;
  put(key: string, value: Value, now: number): void;
  remove(key: string): void;
}

/** `freshMs` bounds how old a value may be, `limit` how many are kept: the oldest goes first. */
export function createFreshCache<Value>(limit: number, freshMs: number): FreshCache<Value> {
  const entries = new Map<string, { value: Value; at: number }>();
  return {
    find(key, now) {
      const entry = entries.get(key);
      // One from the future is as doubtful as an old one: the clock was set back.
      return entry !== undefined && Math.abs(now - entry.at) < freshMs ? entry.value : undefined;
    },
    put(key, value, now) {
      entries.delete(key); // a Map keeps the order of first insertion
      if (entries.size >= limit) {
        const oldest = entries.keys().next().value;
        if (oldest !== undefined) entries.delete(oldest);
      }
      entries.set(key, { value, at: now });
    },
    remove(key) {
      entries.delete(key);
    },
  };
}
