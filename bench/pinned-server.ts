// A server as a process of its own on one core, for benches; the load comes from the other core.

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

export const CORE = { server: '0', load: String(Math.min(1, availableParallelism() - 1)) };
const READY_WITHIN_MS = 60_000;

interface Running {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** Starts a server pinned to its core; its first line with a port says where it listens. */
export async function start(args: string[], environment: Record<string, string>): Promise<Running> {
  const child: ChildProcess = spawn('nice', ['-n', '-15', 'taskset', '-c', CORE.server, process.execPath, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${args.join(' ')} does not start`)), READY_WITHIN_MS);
    child.stdout?.on('data', (chunk: Buffer) => {
      const found = /"port":(\d+)/.exec(chunk.toString())?.[1];
      if (found === undefined) return;
      clearTimeout(late);
      resolve(Number(found));
    });
  });
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const TICK_MS = 10; // USER_HZ is 100 on Linux

/** Time that a process and its children have had of a core, ms in steps of 10 (proc(5): utime and stime of /proc/PID/stat). */
export function coreTimeMs(pid: number): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ')
    .slice(11, 13);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
  return (
    (Number(user) + Number(system)) * TICK_MS + children.reduce((sum, child) => sum + coreTimeMs(Number(child)), 0)
  );
}
