// Moving a data set: broken off anywhere, gone on with, compared, refused (O3). Between two data folders, as between any stores.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createLog } from '../../../server/log.ts';
import { Problem } from '../../../server/problem.ts';
import { type DataSet, KINDS } from '../../../server/store/data-set.ts';
import { beginMigration, compareDataSets, copyDataSet } from '../../../server/store/migrate.ts';
import { openStore } from '../../../server/store/open-store.ts';
import { openDataFolder } from '../../../server/store/sqlite/data-folder.ts';
import type { Store } from '../../../server/store/store.ts';
import { ACCOUNTS, fill, readAll } from '../../support/filled-store.ts';

const NOW = 1_000;
const clock = (): number => NOW;
const nothing = (): void => undefined;

describe('migration', () => {
  let folder: string;
  let from: Store;
  let to: Store;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pocketmeter-'));
    from = openDataFolder(join(folder, 'from'));
    to = openDataFolder(join(folder, 'to'));
    await fill(from);
  });
  afterEach(async () => {
    for (const store of [from, to]) await store.close();
    rmSync(folder, { recursive: true });
  });

  /** One run of the command, on a target that may fail. */
  const run = async (target = to): Promise<Awaited<ReturnType<typeof compareDataSets>>> => {
    const sides = { from, to: target };
    await beginMigration(sides);
    await copyDataSet(sides, clock, nothing);
    return compareDataSets(sides, clock, nothing);
  };
  const refused = async (work: () => Promise<unknown>, code: string, told: RegExp): Promise<void> => {
    const error = await work().then(
      () => undefined,
      (cause: unknown) => cause,
    );
    if (!(error instanceof Problem)) throw error ?? new Error('it was not refused');
    expect(error.code).to.equal(code);
    expect(error.detail).to.match(told);
  };
  /** The target, whose process dies at its nth write: before it, or when it is done. */
  const dyingAt = (nth: number, when: 'before' | 'after'): Store => {
    let writes = 0;
    const dying =
      <T extends unknown[]>(write: (...given: T) => Promise<void>) =>
      async (...given: T): Promise<void> => {
        writes += 1;
        if (writes === nth && when === 'before') throw new Error('killed');
        await write(...given);
        if (writes === nth) throw new Error('killed');
      };
    const { dataSet } = to;
    const write = dying(dataSet.write as (...given: unknown[]) => Promise<void>) as DataSet['write'];
    return { ...to, dataSet: { ...dataSet, write, putMigration: dying(dataSet.putMigration) } };
  };

  it('O3: killed at any write, and run again, it moves all of it once', async () => {
    const deaths = [1, 2].flatMap((nth) =>
      (['before', 'after'] as const).map((when) => dyingAt.bind(undefined, nth, when)),
    );
    let kills = 0;
    for (; kills < 200; kills += 1) {
      const death = deaths[kills % deaths.length] ?? (() => to);
      const error: unknown = await run(death()).then(nothing, (cause: unknown) => cause);
      if (error === undefined) break;
      expect(String(error)).to.equal('Error: killed');
    }
    expect(kills).to.be.within(2 * KINDS.length, 199);
    for (const kind of KINDS.filter((each) => each !== 'runs'))
      expect(await readAll(to, kind), kind).to.deep.equal(await readAll(from, kind));
    expect((await to.dataSet.findMigration())?.endedAt).to.equal(NOW);
    await refused(() => run({ ...to, dataSet: { ...to.dataSet, place: from.dataSet.place } }), 'invalid', /already$/);
  });

  it('O3: what was moved and not changed since is found equal again, and told by kind', async () => {
    const sums = await run();
    expect(Object.keys(sums)).to.have.members(KINDS);
    expect(sums.pages.count).to.equal(4);
    expect(sums.accounts.checksum)
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.to.equal(sums.runs.checksum);
    expect(await run()).to.deep.equal(sums);
  });

  it('R15: a failed run that was moved can be taken over by the first lease of the target', async () => {
    await run();
    const fence = (await to.jobs.acquire('nightly', 'h', 0, 1)) ?? 0;
    const again = { name: 'nightly', dueAt: 10, startedAt: 50, by: 'x', holder: 'h', fence };
    expect(await to.jobs.begin(again, 3)).to.equal(2);
  });

  it('O3: a change on either side is told, and until both agree nobody works on the target', async () => {
    const log = createLog({ level: 'silent' });
    const open = () => openStore({ dataDir: join(folder, 'to') }, { log, clock });
    const halfway = dyingAt(4, 'after');
    await run(halfway).catch(nothing);
    await refused(open, 'conflict', /holds but a part of what is moved there from .*from.pocketmeter\.db/);
    await from.accounts.change('bob', { name: 'Bob' });
    await run();
    await (await open()).close();
    for (const [change, told] of [
      [
        () => from.accounts.change('bob', { name: 'Robert' }),
        /differ in accounts \(3 and 3\): .* one of them was used since/,
      ],
      [() => to.tokens.removeOfUser('news'), /differ in accounts \(3 and 3\), tokens \(2 and 0\):/],
    ] as const) {
      await change();
      await refused(run, 'conflict', told);
    }
  });

  it('O3: a change of what was copied is told before the end', async () => {
    const sides = { from, to };
    await copyDataSet(sides, clock, nothing);
    await from.accounts.change('bob', { name: 'Bob' });
    await refused(
      run,
      'conflict',
      /differ in accounts \(3 and 3\): .* while the data was moved\. Empty the target and move again/,
    );
    expect((await to.dataSet.findMigration())?.endedAt).to.equal(undefined);
  });

  it('O3: refuses a target with other data, or from another source, and a source with none or a part', async () => {
    const third = openDataFolder(join(folder, 'third'));
    try {
      await refused(() => beginMigration({ from: third, to }), 'not_found', /^there is no data in .*third/);
      await third.accounts.put(ACCOUNTS);
      await refused(() => beginMigration({ from, to: third }), 'conflict', /third.* holds other data/);
      expect(await readAll(third, 'audit')).to.deep.equal([]);
      await copyDataSet({ from, to }, clock, nothing);
      await refused(() => beginMigration({ from: third, to }), 'conflict', /holds what was moved there from .*from/);
      await refused(() => beginMigration({ from: to, to: third }), 'conflict', /holds but a part/);
    } finally {
      await third.close();
    }
  });
});
