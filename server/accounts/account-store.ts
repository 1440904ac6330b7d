// The ports to accounts, tokens, the identities behind terminals, and the audit log (O1, O2).

import type { Role } from '../http/caller.ts';
import type { Account, Person } from './account.ts';

/** An account with what proves its owner. A handset has `sealedHa1`, staff have `passwordHash`. */
export interface AccountRecord extends Account {
  /** The JSON of an `Ha1`, sealed with the context `ha1:<user>`. */
  sealedHa1?: string;
  passwordHash?: string;
}

/** Fields given are set; those in `unset` are made absent; all others stay. */
export interface AccountChanges
  extends Partial<Pick<AccountRecord, 'role' | 'name' | 'provider' | 'enabled' | 'consent' | 'zone' | 'demographics'>>,
    Partial<Pick<AccountRecord, 'sealedHa1' | 'passwordHash'>> {
  unset?: readonly ('provider' | 'zone' | 'demographics' | 'sealedHa1' | 'passwordHash')[];
}

export interface AccountFilter {
  role?: Role;
  enabled?: boolean;
  /** Only accounts whose consent was not withdrawn; those that never gave one are among them. */
  notWithdrawn?: true;
  /** Only accounts whose consent is of this version. */
  consentVersion?: string;
}

/** Accounts by `user`, which names one; `viewer` is unique too. */
export interface AccountStore {
  /** Adds one account. False, and nothing changed, when the user exists. Problem `conflict` when the viewer is another's. */
  add(account: AccountRecord): Promise<boolean>;

  /**
   * Adds or updates up to 1,000 accounts, each on its own, in order; answers in the same order. Where the user exists with the
   * same role, name, provider and secrets are replaced (absent ones too), demographics where they are given, and the rest stays:
   * `updated`. Where it exists with another role nothing changes: `conflict`. Problem `conflict` when a viewer is another's; calling again is harmless.
   */
  put(accounts: readonly AccountRecord[]): Promise<('added' | 'updated' | 'conflict')[]>;

  /** Changes one account in one write. Answers whether there was one. */
  change(user: string, changes: AccountChanges): Promise<boolean>;

  /** Answers whether there was one. */
  remove(user: string): Promise<boolean>;

  find(user: string): Promise<AccountRecord | undefined>;
  findByViewer(viewer: number): Promise<AccountRecord | undefined>;

  /** Accounts after the user `after`, in order of the user's code points. */
  list(query: { after?: string; role?: Role; limit: number }): Promise<AccountRecord[]>;

  count(filter: AccountFilter): Promise<number>;

  /** Those that `count` counts, each once, in pages of any order and size. */
  listPeople(filter: AccountFilter): AsyncIterable<Person[]>;
}

/** A bearer token: only its hash is kept. `hash` is unique; `id` names it within its user. Times in epoch ms. */
export interface Token {
  user: string;
  id: string;
  hash: string;
  createdAt: number;
  expiresAt?: number;
}

export interface TokenStore {
  /** Keeps a token; the same again changes nothing. */
  put(token: Token): Promise<void>;
  findByHash(hash: string): Promise<Token | undefined>;
  /** In order of (createdAt, code points of the id). */
  list(user: string): Promise<Token[]>;
  /** Answers whether there was one. */
  remove(user: string, id: string): Promise<boolean>;
  removeOfUser(user: string): Promise<void>;
}

/** Who is behind an origin number of the viewing data. The identity is the JSON of an `Identity`, sealed with `origin:<no>`. */
export interface Origin {
  no: number;
  device: number;
  viewer: number;
  sealedIdentity: string;
}

export interface OriginStore {
  /** Keeps origins, named by `no`; one that is there stays as it is. */
  put(origins: readonly Origin[]): Promise<void>;
  /** In order of `no`. */
  list(viewer: number): Promise<Origin[]>;
  removeOfViewer(viewer: number): Promise<void>;
}

/** One thing that somebody changed. `id` sorts by time, in order of its code points. */
export interface AuditEntry {
  id: string;
  /** Epoch ms. */
  at: number;
  /** The user who did it, or the tool. */
  by: string;
  /** What was done, such as `account.add`. */
  action: string;
  /** What it was done to, such as a user. */
  subject: string;
  detail: Record<string, string | number | boolean>;
}

export interface AuditStore {
  /** Keeps an entry; the same `id` again changes nothing. */
  append(entry: AuditEntry): Promise<void>;
  /** Entries in falling order of `id`, below `before` if given. */
  list(query: { before?: string; limit: number }): Promise<AuditEntry[]>;
  /** Puts `substitute` wherever `name` is the `by` or the `subject`. Again, it changes nothing. */
  replaceName(name: string, substitute: string): Promise<void>;
}
