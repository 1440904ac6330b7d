// Sealed or not, figures read the same viewing, on every store (ratings R18, R6; O2).

import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { compareRows, type ViewingRow } from '../../reports/viewing/batch-rows.ts';
import { holdsViewer, openBlock } from '../../reports/viewing/sealed-block.ts';
import { HOUR_MS } from '../../reports/viewing/session-hours.ts';
import type { Session } from '../../server/viewing/session.ts';
import type { SessionChange } from '../../server/viewing/session-store.ts';
import { type ViewingRecord, wireViewingRecord } from '../../server/wired-viewing-record.ts';
import { type Ports, STORES } from '../support/stores.ts';
import { readRows } from '../support/viewing-rows.ts';

const START = Date.UTC(2026, 10, 20);
const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;

const session = fc.record(
  {
    viewer: fc.integer({ min: 1, max: 5 }),
    second: fc.boolean(),
    service: fc.constantFrom('01', '02'),
    programme: fc.constantFrom('', 'a', 'b'),
    minute: fc.integer({ min: 0, max: 50 * 60 }),
    minutes: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 1_440 })),
    kind: fc.constantFrom('ended', 'ended', 'ended', 'unverified', 'quarantined', 'open'),
    timeShiftS: fc.constantFrom(undefined, 0, 130),
  },
  { noNullPrototype: true },
);

/** As the only thing that its device did at that time; what is late replaces what came after it. */
function changeOf(
  {
    viewer,
    second,
    minute,
    minutes,
    kind,
    timeShiftS,
    ...names
  }: typeof session extends fc.Arbitrary<infer T> ? T : never,
  isLate = false,
): SessionChange {
  const device = 2 * viewer + (second ? 1 : 0);
  const startedAt = START + minute * MINUTE_MS;
  const endedAt = startedAt + minutes * MINUTE_MS;
  const one: Session = { viewer, device, startedAt, lastSignAt: startedAt, flags: [], imputedMs: minutes, ...names };
  if (kind === 'unverified') one.flags.push('unverified');
  if (kind === 'quarantined') one.quarantine = 'zero_length';
  if (timeShiftS !== undefined) one.timeShiftS = timeShiftS;
  const open = { session: one, heartbeats: 0, longestGapMs: 0, verified: true, silentAt: startedAt + 1 };
  return {
    ...{ device, viewer, orphans: [] },
    ...(isLate ? { replaceFrom: startedAt } : {}),
    ...(kind === 'open'
      ? { sessions: [], state: { instant: startedAt, open } }
      : { sessions: [{ ...one, endedAt }], state: { instant: endedAt } }),
  };
}

type Step = Parameters<typeof changeOf>[0] | { late: Parameters<typeof changeOf>[0] } | 'seal' | { erase: number };
const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: session, weight: 8 },
  { arbitrary: session.map((late) => ({ late })), weight: 2 },
  { arbitrary: fc.constant('seal' as const), weight: 2 },
  { arbitrary: fc.integer({ min: 1, max: 5 }).map((erase) => ({ erase })), weight: 1 },
);

const byAll = (a: ViewingRow, b: ViewingRow): number =>
  compareRows(a, b) || a.service.localeCompare(b.service) || a.programme.localeCompare(b.programme);

for (const store of STORES) {
  describe(`viewing record on ${store.name}`, () => {
    let ports: Ports;
    let record: ViewingRecord;
    let now: number;
    const begin = async (): Promise<void> => {
      ports = await store.open();
      now = START + 52 * HOUR_MS;
      const config = { rawRetentionMs: 4 * DAY_MS };
      record = wireViewingRecord({ store: ports, settled: async () => undefined, config, clock: () => now });
    };
    const seal = () => record.sealHours({ signal: new AbortController().signal, progress: () => undefined });
    const put = (...given: Parameters<typeof changeOf>[0][]) =>
      ports.sessions.put(
        given.map((one) => changeOf(one)),
        1,
      );
    /** What was read before there were seals. */
    async function rowByRow({ from, to }: { from: number; to: number }): Promise<ViewingRow[]> {
      const rows: ViewingRow[] = [];
      for await (const page of ports.sessions.listByViewer(from, to)) {
        for (const { flags, quarantine, lastSignAt, access, ...rest } of page) {
          if (flags.includes('unverified')) continue;
          const endedAt = rest.endedAt ?? Math.max(now, rest.startedAt);
          rows.push({ ...rest, endedAt, timeShiftS: rest.timeShiftS ?? -1 });
        }
      }
      return rows.sort(byAll);
    }
    const bytesOf = async (viewer: number) => {
      const found: Uint8Array[] = [];
      for await (const { bytes } of ports.sealedHours.listSpanning(viewer)) found.push(bytes);
      return found;
    };
    const ended = { second: false, service: '01', programme: 'a', minutes: 30, kind: 'ended', timeShiftS: 0 } as const;
    const unseen = { viewer: 9, device: 9, service: '01', programme: '', lastSignAt: 0, flags: [], imputedMs: 0 };
    const ALL = { from: START - DAY_MS, to: START + 60 * HOUR_MS };

    it('R18: sealed and merged is what is read session by session, whatever came, was replaced, or went before and after', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 60 }),
          fc.array(fc.tuple(fc.nat(51 * 60), fc.integer({ min: 1, max: 30 * 60 })), { minLength: 1, maxLength: 3 }),
          async (steps, windows) => {
            await begin();
            try {
              for (const each of steps) {
                if (each === 'seal') await seal();
                else if ('erase' in each) await record.sessions.removeOfViewer(each.erase);
                else await ports.sessions.put('late' in each ? [changeOf(each.late, true)] : [changeOf(each)], 1);
              }
              for (const [minute, minutes] of windows) {
                const from = START + minute * MINUTE_MS;
                const window = { from, to: from + minutes * MINUTE_MS };
                const rows = await readRows(record.readViewing, window);
                expect(rows.map(({ viewer, startedAt }) => [viewer, startedAt])).to.deep.equal(
                  rows.toSorted(compareRows).map(({ viewer, startedAt }) => [viewer, startedAt]),
                );
                expect(rows.sort(byAll)).to.deep.equal(await rowByRow(window));
              }
            } finally {
              await ports.close();
            }
          },
        ),
        { numRuns: store.name === 'sqlite' ? 150 : 3 },
      );
    });

    describe('with a viewer or two', () => {
      beforeEach(begin);
      afterEach(() => ports.close());

      it('R18: hours that are over are sealed, once; what they hold is read from there', async () => {
        await put({ ...ended, viewer: 1, minute: 10 }, { ...ended, viewer: 2, minute: 51 * 60 });
        expect(await seal()).to.deep.equal({ rows: 1 });
        expect(await seal()).to.deep.equal({ rows: 0 });
        // Put behind the back of the versions, it is not seen.
        await ports.dataSet.write('sessions', [{ ...unseen, startedAt: START + 5, endedAt: START + MINUTE_MS }]);
        expect((await readRows(record.readViewing, ALL)).map(({ viewer }) => viewer)).to.deep.equal([1, 2]);
        expect(await ports.sealedHours.listSeals(START, START + 1)).to.have.length(1);
      });

      it('R6: a late report makes a seal stale at once, and the next run seals the hour anew', async () => {
        await put({ ...ended, viewer: 1, minute: 10 });
        await seal();
        await put({ ...ended, viewer: 3, minute: 20 });
        expect(await readRows(record.readViewing, ALL)).to.have.length(2);
        expect(await seal()).to.deep.equal({ rows: 2 });
        expect(await readRows(record.readViewing, ALL)).to.have.length(2);
      });

      /** Seals while something else happens to the first hour: behind the reading of its sessions, or before its seal is finished. */
      async function sealBeside(at: 'read' | 'finish', happen: () => Promise<unknown>): Promise<{ rows: number }> {
        const { sessionHours, sealedHours } = ports;
        const listStarted: typeof sessionHours.listStarted = async function* (from, to) {
          yield* sessionHours.listStarted(from, to);
          if (from === START && at === 'read') await happen();
        };
        const finish: typeof sealedHours.finish = async (made) => {
          if (made.hour === START && at === 'finish') await happen();
          return sealedHours.finish(made);
        };
        return wireViewingRecord({
          store: { ...ports, sessionHours: { ...sessionHours, listStarted }, sealedHours: { ...sealedHours, finish } },
          settled: async () => undefined,
          config: { rawRetentionMs: 4 * DAY_MS },
          clock: () => now,
        }).sealHours({ signal: new AbortController().signal, progress: () => undefined });
      }

      it('R18: what changes while an hour is sealed is in no seal that counts', async () => {
        await put({ ...ended, viewer: 1, minute: 10 });
        expect(await sealBeside('read', () => put({ ...ended, viewer: 2, minute: 11 }))).to.deep.equal({ rows: 0 });
        expect(await ports.sealedHours.listSeals(START, START + 1)).to.deep.equal([]);
        expect(await bytesOf(1)).to.deep.equal([]);
        await sealBeside('finish', () => put({ ...ended, viewer: 3, minute: 12 }));
        expect((await readRows(record.readViewing, ALL)).map(({ viewer }) => viewer)).to.deep.equal([1, 2, 3]);
      });

      for (const at of ['read', 'finish'] as const)
        it(`O2: who is erased while the hour is sealed does not come back, behind the ${at}`, async () => {
          await put(...[1, 2, 3].map((viewer) => ({ ...ended, viewer, minute: 10 + viewer })));
          await sealBeside(at, () => record.sessions.removeOfViewer(2));
          for (const bytes of await bytesOf(2)) expect(holdsViewer(openBlock(bytes), 2)).to.equal(false);
          expect((await readRows(record.readViewing, ALL)).map(({ viewer }) => viewer)).to.deep.equal([1, 3]);
          await seal();
          expect((await readRows(record.readViewing, ALL)).map(({ viewer }) => viewer)).to.deep.equal([1, 3]);
        });

      it('O2: who is erased is in no block at once, and the seals still count', async () => {
        await put(...[1, 2, 3].map((viewer) => ({ ...ended, viewer, minute: 10 + viewer })));
        await put({ ...ended, viewer: 2, minute: 300, minutes: 900 });
        await seal();
        const before = await ports.sealedHours.listSeals(START, START + DAY_MS);
        await record.sessions.removeOfViewer(2);
        expect((await bytesOf(2)).length).to.be.at.least(1);
        for (const bytes of await bytesOf(2)) expect(holdsViewer(openBlock(bytes), 2)).to.equal(false);
        const versions = await ports.sessionHours.versions(START, START + DAY_MS);
        const after = await ports.sealedHours.listSeals(START, START + DAY_MS);
        expect(after.map(({ attempt }) => attempt)).to.deep.equal(before.map(({ attempt }) => attempt));
        for (const { hour, version } of after) expect(version).to.equal(versions.get(hour) ?? 0);
        expect((await readRows(record.readViewing, ALL)).map(({ viewer }) => viewer)).to.deep.equal([1, 3]);
        expect(await seal()).to.deep.equal({ rows: 0 });
      });

      it('O2: blocks that were being written when their viewer was erased lose the viewer, too', async () => {
        await put({ ...ended, viewer: 1, minute: 10 });
        await seal();
        for await (const block of ports.sealedHours.listSpanning(1)) {
          const attempt = randomUUID();
          await ports.sealedHours.putBlock({ ...block, bytes: Uint8Array.from(block.bytes), attempt, edition: 0 });
          break;
        }
        expect(await bytesOf(1)).to.have.length(2);
        await record.sessions.removeOfViewer(1);
        expect(await bytesOf(1)).to.deep.equal([]);
      });

      it('O2: retention takes seals and their blocks', async () => {
        await put({ ...ended, viewer: 1, minute: 10 }, { ...ended, viewer: 2, minute: 130 });
        await seal();
        await record.sessions.removeEndedBefore(START + 2 * HOUR_MS);
        expect(await bytesOf(1)).to.deep.equal([]);
        expect((await readRows(record.readViewing, ALL)).map(({ viewer }) => viewer)).to.deep.equal([2]);
        now = START + 4 * DAY_MS + 2 * HOUR_MS;
        expect(await seal()).to.deep.equal({ rows: 0 }); // nothing within a day of retention
      });

      it('R18: what is damaged is told once, and then read session by session', async () => {
        await put({ ...ended, viewer: 1, minute: 10 });
        await seal();
        for await (const block of ports.sealedHours.listSpanning(1)) {
          const bytes = Uint8Array.from(block.bytes, (byte, at) => (at === 40 ? byte ^ 1 : byte));
          await ports.sealedHours.putBlock({ ...block, bytes, edition: 1 });
        }
        const problem = await readRows(record.readViewing, ALL).catch((error: unknown) => error);
        expect(problem).to.have.property('code', 'unavailable');
        expect(await readRows(record.readViewing, ALL)).to.have.length(1);
        expect(await seal()).to.deep.equal({ rows: 1 });
        expect(await readRows(record.readViewing, ALL)).to.have.length(1);
      });

      it('R18: sealing stops when it is told to', async () => {
        const stop = new AbortController();
        stop.abort(new Error('stopped'));
        const told = await record
          .sealHours({ signal: stop.signal, progress: () => undefined })
          .catch((error: Error) => error.message);
        expect(told).to.equal('stopped');
      });
    });
  });
}
