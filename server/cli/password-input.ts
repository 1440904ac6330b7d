// Passwords that don't end up in a shell's history: from standard input, or typed without an echo.

import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import { Problem } from '../problem.ts';

export interface Terminal {
  input: Readable & { isTTY?: boolean };
  output: Writable;
}

const LONGEST_INPUT = 4_096; // several times the longest password

/**
 * The first line of standard input with `fromStdin`, else what is typed twice at the terminal. Problem `invalid` when there is
 * no terminal, when both don't agree, or when the input is no single line.
 */
export async function readPassword(fromStdin: boolean, terminal: Terminal): Promise<string> {
  if (fromStdin) return await readLine(terminal.input);
  if (terminal.input.isTTY !== true) {
    throw new Problem('invalid', 'the password is missing: give --password-stdin, or type it at a terminal');
  }
  const password = await ask('Password: ', terminal);
  if ((await ask('Again: ', terminal)) !== password) throw new Problem('invalid', 'the two passwords are not the same');
  return password;
}

async function readLine(input: Readable): Promise<string> {
  input.setEncoding('utf8');
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > LONGEST_INPUT) break;
  }
  const line = text.replace(/\r?\n$/, '');
  if (line === '' || line.includes('\n') || text.length > LONGEST_INPUT)
    throw new Problem('invalid', 'standard input holds one line with the password');
  return line;
}

async function ask(question: string, { input, output }: Terminal): Promise<string> {
  output.write(question);
  // readline shows what is typed on its own output: this one shows nothing.
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({ input, output: silent, terminal: true });
  const broken = new Promise<never>((_resolve, reject) => {
    line.once('SIGINT', () => reject(new Problem('invalid', 'no password was given')));
    line.once('close', () => reject(new Problem('invalid', 'no password was given')));
  });
  try {
    return await Promise.race([line.question(''), broken]);
  } finally {
    line.close();
    output.write('\n');
  }
}
