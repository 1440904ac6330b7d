// The accounts of a bench's handsets, made in the data folder before the server starts, and what its metrics say.

import { readConfig } from '../server/config.ts';
import { createLog } from '../server/log.ts';
import { createProducts } from '../server/products.ts';
import { readSecretKey } from '../server/secret-key.ts';
import { openStore } from '../server/store/open-store.ts';

export interface BenchUser {
  user: string;
  password: string;
}

/** Handset accounts on the store that the environment names. */
export async function prepareAccounts(environment: Record<string, string>, count: number): Promise<BenchUser[]> {
  const config = readConfig(environment);
  const log = createLog({ level: 'silent' });
  const store = await openStore(config, { log, clock: Date.now });
  const users = Array.from({ length: count }, (_, index) => ({
    user: `handset-${String(index).padStart(6, '0')}`,
    password: `secret-${index}`,
  }));
  try {
    const { accounts } = await createProducts({ store, config, key: readSecretKey(config), clock: Date.now, log });
    async function* rows() {
      for (const entry of users) yield { line: 0, entry: { ...entry, role: 'handset' as const } };
    }
    await accounts.import(rows(), { by: 'bench' });
  } finally {
    await store.close();
  }
  return users;
}

/** The value of one line of /metrics; 0 when it is not there. */
export async function readMetric(url: string, line: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = text.split('\n').find((each) => each.startsWith(`${line} `));
  return Number(found?.slice(line.length + 1) ?? 0);
}
