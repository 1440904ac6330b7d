// The real server as a process of its own, to be killed, stopped and watched from outside (V17, O5, O7).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { createProducts, type Products } from '../../server/products.ts';
import { readSecretKey } from '../../server/secret-key.ts';
import { openStore } from '../../server/store/open-store.ts';
import type { Store } from '../../server/store/store.ts';
import { COMPILED } from './compiled.ts';

/** The repository. */
export const ROOT = join(import.meta.dirname, '../..');

const MAIN = join(ROOT, 'server/main.ts');
const READY_WITHIN_MS = 15_000;
const POLL_MS = 10;

const ADMIN_PASSWORD = 'a long secret';
const ADMIN = `Basic ${Buffer.from(`admin:${ADMIN_PASSWORD}`).toString('base64')}`;

/** A server's variables; where its data is, in any case. */
export type Environment = { DATA_DIR: string } & Record<string, string>;

/** One JSON line of the server's log; 50 is an error. */
interface LogLine {
  level: number;
  msg: string;
  [field: string]: unknown;
}

export interface ServerProcess {
  /** The port, once /readyz answers 200; rejects when the process ends before that. */
  ready(): Promise<number>;
  /** A request as the administrator. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** What it logged so far. */
  logLines(): LogLine[];
  /** Resident memory; undefined where there is no /proc. */
  rssBytes(): number | undefined;
  isAlive(): boolean;
  kill(signal: 'SIGKILL' | 'SIGTERM'): void;
  /** How the process ended. */
  ended: Promise<{ code: number | null; signal: string | null }>;
}

/** Starts the server on a free port with these variables and no others of its own. */
export function spawnServer(environment: Record<string, string>): ServerProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
    env: { PORT: '0', ADMIN_PASSWORD, ...COMPILED, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  const logLines = (): LogLine[] => text.split('\n').flatMap((line) => (line.startsWith('{') ? [parse(line)] : []));
  let port: number | undefined;

  const isReady = async (): Promise<boolean> => {
    port ??= logLines().find((line) => typeof line.port === 'number')?.port as number | undefined;
    if (port === undefined) return false;
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
    return answer?.status === 200;
  };

  return {
    async ready() {
      for (const end = Date.now() + READY_WITHIN_MS; Date.now() < end; await sleep(POLL_MS)) {
        if (child.exitCode !== null || child.signalCode !== null) break;
        if ((await isReady()) && port !== undefined) return port;
      }
      throw new Error(`the server is not ready:\n${text}`);
    },
    ask: (path, init = {}) =>
      fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers: { authorization: ADMIN, ...init.headers } }),
    logLines,
    rssBytes() {
      try {
        const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
        return found === null ? undefined : Number(found[1]) * 1_024;
      } catch {
        return undefined;
      }
    },
    isAlive: () => child.exitCode === null && child.signalCode === null,
    kill: (signal) => void child.kill(signal),
    ended,
  };
}

/** The products on the data of servers with these variables, while none runs or beside them. */
export async function onData<T>(
  environment: Environment,
  work: (products: Products, store: Store) => Promise<T>,
): Promise<T> {
  const config = readConfig(environment);
  const log = createLog({ level: 'silent' });
  const store = await openStore(config, { log, clock: Date.now });
  try {
    const products = await createProducts({ store, config, key: readSecretKey(config), clock: Date.now, log });
    try {
      return await work(products, store);
    } finally {
      await products.viewing.stop(); // else it goes on settling
    }
  } finally {
    await store.close();
  }
}

/** A line that a kill cut off is no line. */
function parse(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { level: 0, msg: line };
  }
}
