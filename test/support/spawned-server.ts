// The real server as a process of its own on a free port, for tests that need one beside them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export const ROOT = join(import.meta.dirname, '../..');

export interface SpawnedServer {
  url: string;
  port: number;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** `environment` are the server's variables; nothing of this process' own configuration reaches it. */
export async function spawnServer(environment: Record<string, string>): Promise<SpawnedServer> {
  const child = spawn(process.execPath, ['server/main.ts'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOST: '127.0.0.1', PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  for await (const line of createInterface(child.stdout)) {
    const port = /"port":(\d+)/.exec(line)?.[1];
    if (port === undefined) continue;
    child.stdout.resume(); // nobody reads on; a full pipe would stop the server
    return {
      url: `http://127.0.0.1:${port}`,
      port: Number(port),
      async stop() {
        child.kill('SIGTERM');
        const [code] = await exited;
        return code;
      },
    };
  }
  throw new Error('the server ended before it listened');
}
