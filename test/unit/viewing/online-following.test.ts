// A process's online list while it reads again what others and it itself received (V15, O4).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createLog } from '../../../server/log.ts';
import { createOnline } from '../../../server/viewing/online.ts';
import { createOnlineFollowing } from '../../../server/viewing/online-following.ts';
import type { StoredReport } from '../../../server/viewing/report.ts';
import { atMinute, report } from '../../support/reports.ts';

const TIMEOUT_MS = 300_000;

/** A list that follows others over a log of `own` and `theirs`; `onRead` runs between a reading of the log and its effect. */
function follow(own: StoredReport[], theirs: StoredReport[], onRead: () => void = () => undefined) {
  const online = createOnline(TIMEOUT_MS);
  const following = createOnlineFollowing({
    reports: {
      findLastReceivedAt: async () => own.at(-1)?.receivedAt,
      listReceivedByOthers: async () => [...theirs],
      listReceivedSince: async () => [...own, ...theirs].sort((a, b) => a.receivedAt - b.receivedAt),
    },
    states: {
      put: async () => undefined,
      async listPutSince() {
        onRead();
        return [];
      },
      removeOfViewer: async () => undefined,
    },
    online,
    timeoutMs: TIMEOUT_MS,
    clock: () => atMinute(2),
    log: createLog({ level: 'silent' }),
  });
  return { online, following };
}

describe('following the reports of other processes', () => {
  it('V15: who logs out here while the log is read again stays off the list', async () => {
    const own = [report('in', 0, '01', 'a')];
    const theirs: StoredReport[] = [];
    let read = (): void => undefined;
    const { online, following } = follow(own, theirs, () => read());
    await following.start(atMinute(0));
    expect(online.find(7)?.watching?.service).to.equal('01');

    const left = new Promise<void>((resolve) => {
      read = () => {
        const out = report('out', 1, '01', 'a');
        following.take(out, out.receivedAt);
        resolve();
      };
    });
    theirs.push(report('in', 0, '02', 'b', { device: 8, viewer: 80 }));
    await left;
    await following.stop();
    expect(online.find(8)?.watching?.service).to.equal('02');
    expect(online.find(7)).to.equal(undefined);
  });

  it('V15: of reports received at once what was sent last counts, in whatever order the log has them', async () => {
    const receivedAt = atMinute(2);
    const both = [report('in', 0, '01', 'a', { receivedAt }), report('out', 1, '01', 'a', { receivedAt })];
    for (const own of [both, both.toReversed()]) {
      const { online, following } = follow(own, []);
      await following.start(atMinute(2));
      await following.stop();
      expect(online.find(7)).to.equal(undefined);
    }
  });

  it('O5, V15: what could not be applied, as the store failed half-way, is applied at the next look', async () => {
    const theirs: StoredReport[] = [];
    let failures = 0;
    const { online, following } = follow([], theirs, () => {
      if (theirs.length > 0 && failures++ === 0) throw new Error('the store does not answer');
    });
    await following.start(atMinute(0));
    theirs.push(report('in', 0, '02', 'b', { device: 8, viewer: 80 }));
    for (const end = Date.now() + 5_000; failures < 2 && Date.now() < end; ) await sleep(20);
    await following.stop();
    expect(failures).to.equal(2);
    expect(online.find(8)?.watching?.service).to.equal('02');
  });
});
