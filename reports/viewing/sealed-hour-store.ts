// The port to sealed hours: blocks of sessions that started in one hour, and the seals that make them count (ratings R18).

/** Which blocks hold an hour's viewing, as it was at a version of its sessions. */
export interface Seal {
  /** Epoch ms. */
  hour: number;
  version: number;
  /** Of the blocks. */
  format: number;
  /** Names the attempt that wrote the blocks; no two have the same. */
  attempt: string;
  /** Sessions that end with the hour or soon after it, and longer ones: who looks back far reads the latter alone. */
  lanes: readonly Lane[];
}

export interface Lane {
  blocks: number;
  sessions: number;
  /** Epoch ms; 0 without sessions. */
  latestEnd: number;
}

export interface StoredBlock {
  hour: number;
  attempt: string;
  lane: number;
  /** From 0. */
  number: number;
  firstViewer: number;
  lastViewer: number;
  /** 0 when it is written first; then one more each time. */
  edition: number;
  /** Some 100 kB. */
  bytes: Uint8Array;
}

export interface SealedHourStore {
  /** Adds a block of edition 0; of a later one, puts it in place of the edition before. Says whether it did: not when that is not there. */
  putBlock(block: StoredBlock): Promise<boolean>;
  /** Puts the seal in place of the hour's former one, all at once. Says whether it did: not when blocks are missing. */
  finish(seal: Seal): Promise<boolean>;
  /** Seals of hours in [from, to), in order. */
  listSeals(from: number, to: number): Promise<Seal[]>;
  /** The bytes of one lane, by number. Fewer than the seal says when a newer seal took its place and `removeUnused` its blocks. */
  readLane(seal: Seal, lane: number): AsyncIterable<Uint8Array>;
  /** Every block, sealed or not, between whose first and last viewer it lies. */
  listSpanning(viewer: number): AsyncIterable<StoredBlock>;
  /** Changes the version of a seal, if it is `before`. */
  moveVersion(hour: number, before: number, after: number): Promise<void>;
  /** Removes blocks of the hour that are not those of its seal. */
  removeUnused(hour: number): Promise<void>;
  /** Removes seals and blocks of hours before `at`. */
  removeBefore(at: number): Promise<void>;
}
