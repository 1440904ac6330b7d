// Settling over a real store: what late and quarantined reports do (V4, V11).

import { expect } from 'chai';
import { createLog } from '../../../server/log.ts';
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

    const turn = { isShared: false, claim: async () => 1, release: async () => undefined };
    const open = () =>
      createSettling({ ...ports, turn, rules: RULES, clock: () => atMinute(100), log: createLog({ level: 'silent' }) });
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
  });
}
