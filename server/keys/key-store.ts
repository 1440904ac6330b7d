// The port to the keys of services: made once for each service and period, by whichever process is first (G11).

/** `sealedKey` is sealed with the context `key:<service>:<from>`. Times in epoch ms. */
export interface StoredKey {
  service: string;
  from: number;
  to: number;
  sealedKey: string;
}

/** Keys by (service, from), which names one. */
export interface KeyStore {
  /** Keeps those whose name is not there yet, each on its own; one that is there stays as it is. */
  putFirst(keys: readonly StoredKey[]): Promise<void>;

  /** Those of these services, at most 10,000, that begin at `from`, in no order. */
  list(services: readonly string[], from: number): Promise<StoredKey[]>;

  /** Removes those with `to` ≤ `before`; answers how many. */
  removeEndedBefore(before: number): Promise<number>;
}
