// The data folder of the embedded store: its file, who uses it, and whose turn it is to settle (O3, O7).

import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../problem.ts';
import type { SettlingTurn } from '../../viewing/settling-turn.ts';
import type { Store } from '../store.ts';
import { openSqliteStore } from './open-sqlite-store.ts';
import { takeUseLock, type UseLock } from './use-lock.ts';

/** The name of the embedded store in its folder. */
export const DATABASE_FILE = 'pocketmeter.db';

/** The store in a folder, made when it is not there. Problem `conflict` when others use it in a way that excludes this. */
export function openDataFolder(dataDir: string, use: 'together' | 'alone' = 'together'): Store {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const lock = useDataFolder(dataDir, use);
  const store = openSqliteStore(join(realpathSync(dataDir), DATABASE_FILE));
  const settlingTurn = createLockedTurn(join(dataDir, 'settling.lock'));
  return {
    ...store,
    settlingTurn,
    async close() {
      await store.close();
      await settlingTurn.release();
      lock.release();
    },
  };
}

/** Says that this process uses the data folder. Problem `conflict` when others use it in a way that excludes this. */
export function useDataFolder(dataDir: string, use: 'together' | 'alone'): UseLock {
  const lock = takeUseLock(join(dataDir, 'in-use.lock'), use);
  if (lock !== undefined) return lock;
  const told =
    use === 'alone'
      ? 'a server or another command uses it: stop that first'
      : 'a back-up is being restored, or the data is being moved';
  throw new Problem('conflict', `${dataDir}: ${told}`);
}

/** Whoever settles first goes on until it closes the store or ends, however it ends. */
function createLockedTurn(file: string): SettlingTurn {
  let lock: UseLock | undefined;
  return {
    isShared: false,
    async claim() {
      lock ??= takeUseLock(file, 'alone');
      return lock === undefined ? undefined : 1;
    },
    async release() {
      lock?.release();
      lock = undefined;
    },
  };
}
