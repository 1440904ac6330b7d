// Reports acknowledged a moment ago, so that one sent again is known without asking the store (V11). Bounded memory.

export interface RecentKeys {
  /** The write that stored this report, or is storing it. */
  find(device: number, key: number): Promise<void> | undefined;
  put(device: number, key: number, stored: Promise<void>): void;
  remove(device: number, key: number): void;
}

/** Keeps between `size` and 2 · `size` keys, the newest. */
export function createRecentKeys(size: number): RecentKeys {
  let young = new Map<string, Promise<void>>();
  let old = new Map<string, Promise<void>>();
  const nameOf = (device: number, key: number): string => `${device}:${key}`;
  return {
    find(device, key) {
      const name = nameOf(device, key);
      return young.get(name) ?? old.get(name);
    },
    put(device, key, stored) {
      if (young.size >= size) {
        old = young;
        young = new Map();
      }
      young.set(nameOf(device, key), stored);
    },
    remove(device, key) {
      const name = nameOf(device, key);
      young.delete(name);
      old.delete(name);
    },
  };
}
