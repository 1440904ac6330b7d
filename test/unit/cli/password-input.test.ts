// Passwords from standard input and from a terminal that shows nothing of them (O1, O8).

import { PassThrough, Readable } from 'node:stream';
import { expect } from 'chai';
import { readPassword } from '../../../server/cli/password-input.ts';
import { Problem } from '../../../server/problem.ts';

const detailOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    (value) => `no problem: ${String(value)}`,
    (error: unknown) => (error instanceof Problem ? error.detail : String(error)),
  );

/** What is typed, each line once it is asked for, and what the terminal then shows. */
const typing = (...lines: string[]) => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = new PassThrough();
  const shown: string[] = [];
  output.setEncoding('utf8').on('data', (piece: string) => {
    shown.push(piece);
    if (piece.endsWith(': ')) setImmediate(() => input.write(lines.shift() ?? ''));
  });
  return { done: readPassword(false, { input, output }), shown };
};

describe('password input', () => {
  it('asks twice and shows nothing of what is typed', async () => {
    const { done, shown } = typing('sécret 1\r', 'sécret 1\r');
    expect(await done).to.equal('sécret 1');
    expect(shown.join('')).to.equal('Password: \nAgain: \n');
  });

  it('refuses two that differ, and none', async () => {
    expect(await detailOf(typing('secret\r', 'sacred\r').done)).to.equal('the two passwords are not the same');
    expect(await detailOf(typing('secret\r', '\x03').done)).to.equal('no password was given');
    expect(await detailOf(typing('\x04').done)).to.equal('no password was given');
  });

  it('takes one line of standard input, in whatever pieces', async () => {
    const from = (...pieces: Buffer[]) =>
      readPassword(true, { input: Readable.from(pieces, { objectMode: false }), output: new PassThrough() });
    const bytes = Buffer.from('sécret 1\r\n');
    expect(await from(bytes.subarray(0, 2), bytes.subarray(2))).to.equal('sécret 1');
    expect(await from(Buffer.from('secret'))).to.equal('secret');
    for (const wrong of ['', '\n', 'one\ntwo\n', 'x'.repeat(5_000)])
      expect(await detailOf(from(Buffer.from(wrong)))).to.equal('standard input holds one line with the password');
  });

  it('says what to do where there is no terminal', async () => {
    const told = await detailOf(readPassword(false, { input: Readable.from([]), output: new PassThrough() }));
    expect(told).to.contain('--password-stdin');
  });
});
