// Tells a secret key that is not the store's before anything is read or written with it (O4, V7).

import { hkdfSync } from 'node:crypto';
import type { Accounts } from './accounts/accounts.ts';
import type { Config } from './config.ts';
import { Problem } from './problem.ts';
import { nameSecretKey } from './secret-key.ts';

/** The port to the one value by which a store knows its key. */
export interface KeyCheckStore {
  find(): Promise<string | undefined>;
  /** Keeps the value unless there is one: of processes that start at once the first decides for all. */
  putFirst(check: string): Promise<void>;
}

const CHECK_BYTES = 32;

/**
 * Problem `invalid` when another key than `key` was the first on this store. The store keeps what is derived from the key,
 * which tells nothing of it. A store that has none yet takes this key's, if what is sealed there opens with it.
 */
export async function checkSecretKey(deps: {
  store: KeyCheckStore;
  accounts: Pick<Accounts, 'list' | 'findCredentials'>;
  key: Buffer;
  config: Config;
}): Promise<void> {
  const { store, accounts, key, config } = deps;
  const check = Buffer.from(hkdfSync('sha256', key, '', 'pocketmeter key check', CHECK_BYTES)).toString('base64url');
  let held = await store.find();
  if (held === undefined && (await opensCredentials(accounts))) {
    await store.putFirst(check);
    held = await store.find();
  }
  if (held !== check)
    throw new Problem(
      'invalid',
      `${nameSecretKey(config)} is not the key of this store: every process needs the key that the store was first opened with`,
    );
}

/** COMPAT: data from before there was a check, restored or moved; delete when no such back-up is left. */
async function opensCredentials({
  list,
  findCredentials,
}: Pick<Accounts, 'list' | 'findCredentials'>): Promise<boolean> {
  const [handset] = await list({ role: 'handset', limit: 1 });
  if (handset === undefined) return true;
  try {
    await findCredentials(handset.user);
    return true;
  } catch (error) {
    if (error instanceof Problem) throw error; // the store does not answer
    return false;
  }
}
