// A disk that fills up under load and is freed again: refused with 503, nothing lost, healed by itself (O5, V17, O7).

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, rmdir, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type CrashStage, openCrashStage } from '../support/crash-stage.ts';

const HANDSETS = 10;
const DISK = 'size=32m';
const ANSWERS_WITHIN_MS = 3_000;
const MOST_ERROR_LINES = 4; // reports, other requests, sessions, and a job that happens to be due

describe('a full disk', () => {
  let disk: string;
  let mounted = false;
  let stage: CrashStage | undefined;

  before(async function () {
    disk = await mkdtemp(join(tmpdir(), 'disk-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', DISK, 'tmpfs', disk], { stdio: 'pipe' });
      mounted = true;
    } catch {
      await rmdir(disk);
      console.warn(
        'NOT TESTED: a full disk, for a small file system cannot be mounted here (that takes root on Linux)',
      );
      this.skip();
    }
  });
  after(async () => {
    await stage?.close();
    if (!mounted) return;
    execFileSync('umount', [disk]);
    await rmdir(disk);
  });

  it('O5, V17: is told with 503, harms nothing acknowledged, and heals when there is room', async () => {
    stage = await openCrashStage(HANDSETS, join(disk, 'data'));
    const { reporting } = stage;
    const ask = (path: string): Promise<Response> | undefined =>
      stage?.server().ask(path, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    await until(() => reporting.acknowledged() > 10 * HANDSETS);
    expect((await ask('/readyz'))?.status).to.equal(200);

    const { bavail, bsize } = await statfs(disk);
    const ballast = join(disk, 'ballast');
    await writeFile(ballast, Buffer.alloc(bavail * bsize)).catch(() => undefined); // the server takes some of it
    await until(() => (reporting.statuses.get(503)?.count ?? 0) > 10 * HANDSETS);
    const refused = reporting.statuses.get(503)?.last;
    expect(refused?.contentType).to.contain('application/problem+xml');
    expect(refused?.body).to.contain('<code>unavailable</code>');
    expect(Number(refused?.retryAfter)).to.be.at.least(1);
    await until(async () => {
      const ready = await ask('/readyz'); // a proof that the store takes writes holds for a second
      return ready?.status === 503 && Number(ready.headers.get('retry-after')) >= 1;
    });
    expect((await ask('/healthz'))?.status).to.equal(200);
    expect((await ask('/online'))?.status).to.equal(200);
    expect([200, 503]).to.include((await ask('/sessions'))?.status); // 200 where all was derived before
    const errors = stage
      .server()
      .logLines()
      .filter(({ level, job }) => level >= 50 && job === undefined); // a job that fails says so itself
    expect(errors.length, JSON.stringify(errors)).to.be.within(1, MOST_ERROR_LINES);
    expect([...reporting.statuses.keys()].sort()).to.deep.equal([200, 503]);

    const before = reporting.acknowledged();
    await rm(ballast);
    await until(() => reporting.acknowledged() > before + 10 * HANDSETS);
    await until(async () => (await ask('/readyz'))?.status === 200);
    expect(await stage.check()).to.be.above(before);
  });
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(10); // mocha bounds the whole
}
