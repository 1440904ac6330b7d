// What every store must do for viewing sessions (V12, V13).

import { expect } from 'chai';
import type { DeviceState } from '../../server/viewing/derive-sessions.ts';
import type { OpenSession } from '../../server/viewing/open-session.ts';
import { isEnded, type Session } from '../../server/viewing/session.ts';
import type { SessionChange, SessionStore } from '../../server/viewing/session-store.ts';
import { gather } from '../support/pages.ts';
import { atMinute } from '../support/reports.ts';
import { type Ports, STORES } from '../support/stores.ts';

const session = (from: number, to: number | undefined, more: Partial<Session> = {}): Session => ({
  device: 7,
  viewer: 70,
  service: '01',
  programme: 'a',
  startedAt: atMinute(from),
  lastSignAt: atMinute(to ?? from),
  flags: [],
  imputedMs: 0,
  ...(to === undefined ? {} : { endedAt: atMinute(to) }),
  ...more,
});

/** An open session with the state that deriving stands in; `silentAt` is a minute after its last sign. */
const stateOf = (open: Session, more: Partial<OpenSession> = {}): DeviceState => ({
  instant: open.lastSignAt,
  open: { session: open, heartbeats: 0, longestGapMs: 0, verified: true, silentAt: open.lastSignAt + 60_000, ...more },
});

/** A session as the only thing that a device did. */
const changeTo = (one: Session, more: Partial<SessionChange> = {}): SessionChange => ({
  device: one.device,
  viewer: one.viewer,
  sessions: isEnded(one) ? [one] : [],
  orphans: [],
  state: isEnded(one) ? { instant: one.endedAt } : stateOf(one),
  ...more,
});

for (const store of STORES) {
  describe(`session store on ${store.name}`, () => {
    let ports: Ports;
    let sessions: SessionStore;
    beforeEach(async () => {
      ports = await store.open();
      sessions = ports.sessions;
    });
    afterEach(() => ports.close());
    const put = (...each: Session[]): Promise<void> =>
      sessions.put(
        each.map((one) => changeTo(one)),
        1,
      );
    const all = (): Promise<Session[]> => sessions.list({ from: atMinute(0), to: atMinute(600), limit: 100 });

    it('R16: gives out what starts in a window, whatever became of it, in pages', async () => {
      const bad = session(12, 12, { quarantine: 'zero_length' });
      const open = session(15, undefined, { device: 8 });
      await put(session(9, 30), session(10, 11), bad, open, session(20, 21), session(16, undefined, { device: 9 }));
      await sessions.put(
        [
          changeTo(session(16, undefined, { device: 9 }), {
            state: stateOf(session(16, undefined), { isGivenUp: true }),
          }),
        ],
        1,
      );
      const started = (from: number, to: number): Promise<Session[]> =>
        gather(sessions.listStarted(atMinute(from), atMinute(to)));
      expect(await started(10, 20)).to.have.deep.members([session(10, 11), bad, open]);
      expect(await started(31, 99)).to.deep.equal([]);
      const many = Array.from({ length: 4_500 }, (_, at) => session(100 + Math.floor(at / 10), 999, { device: at }));
      await put(...many);
      const found = (await started(110, 500)).map(({ device }) => device).sort((a, b) => a - b);
      expect(found).to.deep.equal(Array.from({ length: 3_900 }, (_, at) => 100 + at));
    });

    it('V13: gives back what was put, whole', async () => {
      const full = session(1, 5, {
        flags: ['switched', 'cut'],
        quarantine: 'zero_length',
        timeShiftS: 130,
        access: 'broadcast',
        imputedMs: 5,
      });
      await put(full, session(6, undefined));
      expect(await all()).to.deep.equal([full, session(6, undefined)]);
    });

    it('V11: the same change again changes nothing; a later one replaces', async () => {
      await put(session(1, undefined));
      await put(session(1, undefined));
      await put(session(1, 9));
      expect(await all()).to.deep.equal([session(1, 9)]);
    });

    it('V11: replaceFrom removes what is not given from there on, of that device alone', async () => {
      const other = session(5, 6, { device: 8 });
      await put(session(1, 3), session(5, 6), session(7, 9), other);
      await sessions.put([changeTo(session(6, 8), { replaceFrom: atMinute(5) })], 1);
      expect(await all()).to.deep.equal([session(1, 3), other, session(6, 8)]);
    });

    it('V13: lists by overlap, viewer and service, page by page', async () => {
      const rows = [
        session(1, 3),
        session(2, 4, { device: 8, viewer: 80, service: '02' }),
        session(3, 9),
        session(10, undefined),
      ];
      await put(...rows);
      const window = { from: atMinute(3), to: atMinute(10) };
      expect(await sessions.list({ ...window, limit: 10 })).to.deep.equal([rows[1], rows[2]]);
      expect(await sessions.list({ ...window, viewer: 80, limit: 10 })).to.deep.equal([rows[1]]);
      expect(await sessions.list({ ...window, services: ['01'], limit: 10 })).to.deep.equal([rows[2]]);
      const paged: Session[] = [];
      for (let after: Session | undefined; ; ) {
        const page = await sessions.list({
          from: atMinute(0),
          to: atMinute(60),
          limit: 3,
          ...(after === undefined ? {} : { after }),
        });
        paged.push(...page);
        after = page.at(-1);
        if (page.length < 3) break;
      }
      expect(paged).to.deep.equal(rows);
    });

    it('R2: streams a window by viewer and start, without quarantined ones', async () => {
      const rows = [
        session(9, 12, { viewer: 2, device: 20 }),
        session(4, 5, { viewer: 3, device: 30 }),
        session(2, undefined, { viewer: 2, device: 21 }),
        session(5, 5, { viewer: 2, device: 22, quarantine: 'zero_length' }),
      ];
      await put(...rows);
      const found: Session[] = [];
      for await (const page of sessions.listByViewer(atMinute(0), atMinute(60))) found.push(...page);
      expect(found).to.deep.equal([rows[2], rows[0], rows[1]]);
    });

    it('V11: gives back where deriving stood while a session is open', async () => {
      const state = stateOf(session(1, undefined), { heartbeats: 3, longestGapMs: 120_000 });
      await sessions.put([changeTo(session(1, undefined), { state })], 1);
      await put(session(2, undefined, { device: 8 }));
      expect([...(await sessions.findStates([7, 9]))]).to.deep.equal([[7, state]]);
      await put(session(1, 3));
      expect((await sessions.findStates([7, 8])).size).to.equal(1);
    });

    it('V12: an open session that is given up is shown as the ended one that was put with it', async () => {
      const open = session(1, undefined);
      await sessions.put([changeTo(session(1, 4), { state: stateOf(open, { isGivenUp: true }) })], 1);
      expect(await all()).to.deep.equal([session(1, 4)]);
      await sessions.put([changeTo(open, { replaceFrom: atMinute(1) })], 1);
      expect(await all()).to.deep.equal([open]);
    });

    it('V12: finds devices whose open session is silent', async () => {
      await put(session(1, undefined), session(2, 3, { device: 8 }), session(9, undefined, { device: 9 }));
      const open = session(1, undefined, { device: 10 });
      await sessions.put([changeTo(open, { state: stateOf(open, { isGivenUp: true }) })], 1);
      const found: number[] = [];
      for await (const page of sessions.listSilentDevices(atMinute(5))) found.push(...page);
      expect(found).to.deep.equal([7]);
    });

    it('V12: keeps orphans', async () => {
      const orphan = { device: 7, viewer: 70, service: '01', programme: 'a', at: atMinute(4) };
      const nothing = { device: 7, viewer: 70, sessions: [], orphans: [], state: { instant: atMinute(4) } };
      await sessions.put([{ ...nothing, orphans: [orphan] }], 1);
      await sessions.put([{ ...nothing, orphans: [orphan] }], 1);
      expect(await sessions.listOrphans(atMinute(0), atMinute(9), 10)).to.deep.equal([orphan]);
      expect(await sessions.countOrphans(orphan.at, orphan.at + 1)).to.equal(1);
      expect(await sessions.countOrphans(atMinute(0), orphan.at)).to.equal(0);
      await sessions.put([{ ...nothing, replaceFrom: atMinute(1) }], 1);
      expect(await sessions.listOrphans(atMinute(0), atMinute(9), 10)).to.deep.equal([]);
    });

    it('O2: removes by age and by viewer', async () => {
      await put(
        session(1, 3),
        session(5, 9),
        session(6, 7, { device: 8, viewer: 80 }),
        session(2, undefined, { device: 9 }),
      );
      expect(await sessions.removeEndedBefore(atMinute(4))).to.equal(1);
      const hour = Math.floor(atMinute(6) / 3_600_000) * 3_600_000;
      const { removed, moves } = await sessions.removeOfViewer(80);
      expect(removed).to.equal(1);
      expect(moves.map((move) => move.hour)).to.deep.equal([hour]);
      const versions = await ports.sessionHours.versions(hour, hour + 1);
      expect(moves.map(({ after }) => after)).to.deep.equal([versions.get(hour)]);
      expect((await all()).map((each) => each.startedAt)).to.deep.equal([atMinute(2), atMinute(5)]);
    });
  });
}
