// What every store must do to be moved from and to (O3).

import { expect } from 'chai';
import { KINDS } from '../../server/store/data-set.ts';
import { ACCOUNTS, fill, readAll } from '../support/filled-store.ts';
import { atMinute, report } from '../support/reports.ts';
import { type Ports, STORES } from '../support/stores.ts';

const MANY = 2_300;

for (const store of STORES) {
  describe(`data set on ${store.name}`, () => {
    let ports: Ports;
    let other: Ports;
    beforeEach(async () => {
      ports = await store.open();
      other = await store.open();
    });
    afterEach(async () => {
      await ports.close();
      await other.close();
    });

    const moveAll = async (): Promise<void> => {
      for (const kind of KINDS)
        for await (const { items } of ports.dataSet.read(kind)) await other.dataSet.write(kind, items);
    };

    it('O3: gives out what the ports took, whole; not what is of the moment or was never published', async () => {
      const put = await fill(ports);
      for (const [at, kind] of KINDS.entries()) {
        expect(await readAll(ports, kind), kind).to.have.deep.members(put[at] ?? []);
        expect(await ports.dataSet.count(kind), kind).to.be.at.least(put[at]?.length ?? 0);
      }
    });

    it('O3: what is written is there by every port, and again it changes nothing', async () => {
      const put = await fill(ports);
      await moveAll();
      await moveAll();
      for (const [at, kind] of KINDS.entries())
        expect(await readAll(other, kind), kind).to.have.deep.members(put[at] ?? []);
      expect(await other.accounts.list({ limit: 10 })).to.deep.equal(ACCOUNTS);
      expect(await other.accounts.count({ role: 'handset', notWithdrawn: true })).to.equal(1);
      expect(await other.tokens.list('news')).to.deep.equal(await ports.tokens.list('news'));
      expect(await other.origins.list(70)).to.deep.equal(await ports.origins.list(70));
      expect(await other.audit.list({ limit: 10 })).to.deep.equal(await ports.audit.list({ limit: 10 }));
      expect(await other.jobs.listRuns('nightly', 9)).to.deep.equal(await ports.jobs.listRuns('nightly', 9));
      expect(await other.guide.revision()).to.equal(2);
      expect(await other.guide.listServices(2)).to.deep.equal(await ports.guide.listServices(2));
      expect(await other.guide.listPages(['01'], 0, 10, 1)).to.deep.equal(
        await ports.guide.listPages(['01'], 0, 10, 1),
      );
      expect(await other.guide.takeTurn('next', 0, 1)).to.equal(true);
      expect(await other.reports.listTemplates()).to.deep.equal(await ports.reports.listTemplates());
      const window = { from: 0, to: atMinute(60), limit: 10 };
      expect(await other.sessions.list(window)).to.deep.equal(await ports.sessions.list(window));
      expect(await other.sessions.listOrphans(0, atMinute(60), 10)).to.have.length(1);
      expect((await other.sessions.findStates([7, 8, 9])).keys().toArray()).to.deep.equal([8]);
    });

    it('O3: everything that a store keeps is moved, or known to be of the moment', async () => {
      await fill(ports);
      expect(await ports.dataSet.listUnknown()).to.deep.equal([]);
    });

    it('G14: the stream of events goes on where it was', async () => {
      await fill(ports);
      await moveAll();
      const [next] = await other.events.append([
        { kind: 'message', audience: { all: true }, content: {}, key: 'next', at: 9 },
      ]);
      expect(next?.offset).to.equal(4);
      expect(await other.events.epoch('another')).to.equal('epoch-1');
      expect(await other.events.list(0, 3)).to.deep.equal(await ports.events.list(0, 3));
      expect(await other.events.listOf({ viewer: 70, devices: [7] })).to.have.length(2);
      expect(await other.events.findCursors(['e/d7'])).to.deep.equal(new Map([['e/d7', 2]]));
    });

    it('V11: reports that are written are settled, and known when they are sent again', async () => {
      await fill(ports);
      await moveAll();
      expect(await other.reports.listUnsettled(10)).to.deep.equal([]);
      expect(await other.reports.listReceivedSince(0)).to.deep.equal(await ports.reports.listReceivedSince(0));
      await other.reports.append([report('in', 1, '01', 'a'), report('in', 30, '01', 'a')]);
      const arrivals = await other.reports.listUnsettled(10);
      const first = await other.reports.enrol(arrivals);
      expect(arrivals.filter((_, at) => first[at] === true).map((each) => each.report.sentAt)).to.deep.equal([
        atMinute(30),
      ]);
      await other.reports.markSettled(arrivals);
      const kept = await other.reports.listOfDevices([{ viewer: 70, device: 7 }], 0);
      expect(kept.map(({ sentAt }) => sentAt)).to.deep.equal([1, 3, 30].map(atMinute));
    });

    it('O3: many are given out in pieces, reports as they came, and reading goes on behind any of them', async () => {
      const reports = Array.from({ length: MANY }, (_, at) =>
        // So many of one moment that it does not end with a piece.
        report('in', at, '01', '', { device: at, receivedAt: atMinute(Math.max(at, 1_500)) }),
      );
      await ports.dataSet.write('reports', reports.slice(0, 900));
      await ports.dataSet.write('reports', reports.slice(900));
      const origins = reports.map(({ device }) => ({ no: 2 * device, device, viewer: 70, sealedIdentity: 'v1.y' }));
      await ports.dataSet.write('origins', origins);
      for (const kind of ['reports', 'origins'] as const) {
        const seen: number[] = [];
        let rest: number[] = [];
        for await (const { items, position } of ports.dataSet.read(kind)) {
          expect(items.length).to.be.within(1, 1_000);
          seen.push(...items.map(({ device }) => device));
          rest = [];
          for await (const next of ports.dataSet.read(kind, position))
            rest.push(...next.items.map(({ device }) => device));
          expect(new Set([...seen, ...rest]).size, kind).to.equal(MANY);
        }
        expect(
          seen.toSorted((a, b) => a - b),
          kind,
        ).to.deep.equal(reports.map(({ device }) => device));
        expect(rest.length, 'behind the last').to.be.at.most(1);
      }
      const times = (await readAll(ports, 'reports')).map(({ receivedAt }) => receivedAt);
      expect(times).to.deep.equal(times.toSorted((a, b) => a - b));
    });

    it('O3: knows how far a migration got', async () => {
      expect(await ports.dataSet.findMigration()).to.equal(undefined);
      const migration = { from: 'there', startedAt: 1, done: { reports: { count: 7, position: '[7]' } } };
      await ports.dataSet.putMigration(migration);
      expect(await ports.dataSet.findMigration()).to.deep.equal(migration);
      await ports.dataSet.putMigration({ ...migration, endedAt: 2 });
      expect(await ports.dataSet.findMigration()).to.deep.equal({ ...migration, endedAt: 2 });
    });
  });
}
