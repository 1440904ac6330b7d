// Runs the command line as a process of its own, as one does at a desk.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { COMPILED } from './compiled.ts';
import { ROOT } from './server-process.ts';

export interface Ran {
  code: number | null;
  out: string;
  told: string;
}

/** A command line on the data of `environment`; `input` goes to its standard input. */
export const commandLine =
  (environment: Record<string, string>) =>
  async (words: readonly string[], input = ''): Promise<Ran> => {
    const child = spawn(process.execPath, ['server/cli/pocketmeter.ts', ...words], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...COMPILED, ...environment },
    });
    child.stdin.on('error', () => undefined); // a command that refuses at once does not read
    child.stdin.end(input);
    const [out, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    return { code, out, told };
  };
