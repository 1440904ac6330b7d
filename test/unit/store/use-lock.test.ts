// Who may use a data folder at the same time, processes that die among them (O7).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { takeUseLock } from '../../../server/store/sqlite/use-lock.ts';

const MODULE = new URL('../../../server/store/sqlite/use-lock.ts', import.meta.url).href;

describe('use lock', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pocketmeter-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('O7: many together or one alone', () => {
    const file = join(folder, 'in-use.lock');
    const [first, second] = [takeUseLock(file, 'together'), takeUseLock(file, 'together')];
    expect(takeUseLock(file, 'alone')).to.equal(undefined);
    first?.release();
    expect(takeUseLock(file, 'alone')).to.equal(undefined);
    second?.release();
    const alone = takeUseLock(file, 'alone');
    expect(alone).not.to.equal(undefined);
    expect(takeUseLock(file, 'together')).to.equal(undefined);
    alone?.release();
  });

  it('O7: a killed process holds nothing', async () => {
    const file = join(folder, 'in-use.lock');
    const script = `const { takeUseLock } = await import('${MODULE}');
      if (takeUseLock(process.argv[1], 'together')) console.log('held'); setInterval(() => {}, 1e6);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    expect(takeUseLock(file, 'alone')).to.equal(undefined);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(takeUseLock(file, 'alone')).not.to.equal(undefined);
  });
});
