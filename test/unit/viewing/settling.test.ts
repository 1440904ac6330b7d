// Settling over a real store: what late and quarantined reports do, and what is said when the store fails (V4, V11, O5).

import { expect } from 'chai';
import { createLog } from '../../../server/log.ts';
import { Problem } from '../../../server/problem.ts';
import type { StoredReport } from '../../../server/viewing/report.ts';
import { createSettling } from '../../../server/viewing/settling.ts';
import { atMinute, report } from '../../support/reports.ts';
import { type Ports, STORES } from '../../support/stores.ts';

const MINUTE_MS = 60_000;
const RULES = {
  heartbeatMs: 2 * MINUTE_MS,
  timeoutMs: 5 * MINUTE_MS,
  capMs: 240 * MINUTE_MS,
  clockSkewLimitMs: 5 * MINUTE_MS,
  reportMaxAgeMs: 7 * 24 * 60 * MINUTE_MS,
};

for (const store of STORES) {
  describe(`settling on ${store.name}`, () => {
    let ports: Ports;
    beforeEach(async () => {
      ports = await store.open();
    });
    afterEach(() => ports.close());

    const open = (reports: Partial<Ports['reports']> = {}) =>
      createSettling({
        ...ports,
        reports: { ...ports.reports, ...reports },
        turn: { isShared: false, claim: async () => 1, release: async () => undefined },
        rules: RULES,
        clock: () => atMinute(100),
        log: createLog({ level: 'silent' }),
      });
    const services = async (): Promise<string[]> =>
      (await ports.sessions.list({ from: 0, to: atMinute(200), limit: 100 })).map((session) => session.service);

    it('V4, V11: a quarantined report takes no part when a late one has the device derived anew', async () => {
      const settling = open();
      const ahead: Partial<StoredReport> = { quarantine: 'future', receivedAt: atMinute(2) };
      await ports.reports.append([report('in', 1, '01'), report('in', 60, '02', '', ahead)]);
      await settling.settled();
      expect(await services()).to.deep.equal(['01']);
      await ports.reports.append([report('in', 0, '03')]);
      await settling.settled();
      expect(await services()).to.deep.equal(['03', '01']);
      expect(await settling.closeSilentSessions()).to.equal(0);
      await settling.stop();
    });

    it('O5: says at once that sessions cannot be derived, and derives them when the store is back', async () => {
      let broken = true;
      const settling = open({
        async markSettled(arrivals) {
          if (broken) throw new Error('the disk is full');
          return ports.reports.markSettled(arrivals);
        },
      });
      await ports.reports.append([report('in', 1, '01'), report('out', 9, '01')]);
      const refused = await settling.settled().catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(Problem).with.property('code', 'unavailable');
      broken = false;
      await settling.settled();
      expect(await services()).to.deep.equal(['01']);
      await settling.stop();
    });

    it('O7: stops though the store fails; what is left is settled at the next start', async () => {
      const settling = open({
        async enrol() {
          throw new Error('the disk is full');
        },
      });
      await ports.reports.append([report('in', 1, '01')]);
      settling.wake();
      await settling.stop();
      const next = open();
      await next.settled();
      expect(await services()).to.deep.equal(['01']);
      await next.stop();
    });

    it('V11: more reports than one chunk are all settled when it says so', async () => {
      const settling = open();
      const many = Array.from({ length: 2_300 }, (_, device) => report('in', 1, '01', '', { device: device + 1 }));
      await ports.reports.append(many);
      await settling.settled();
      expect(await ports.reports.listUnsettled(1)).to.deep.equal([]);
      await settling.stop();
    });
  });
}
