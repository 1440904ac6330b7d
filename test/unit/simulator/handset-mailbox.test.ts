// What a handset without a stream makes of what it fetches (O10; G14).

import { expect } from 'chai';
import { createExpecting } from '../../../server/simulator/expected-events.ts';
import type { HandsetClient } from '../../../server/simulator/handset-client.ts';
import { createMailbox } from '../../../server/simulator/handset-mailbox.ts';

const EXPECTING = createExpecting({ user: 'anna', record: undefined, isUnsureAt: () => false });

/** A server of which the n-th question finds the first `stored[n]` events; `hidden` it tells only to who asks for all. */
function serverWith(stored: readonly number[], hidden: readonly number[] = []): Pick<HandsetClient, 'get'> {
  let asked = 0;
  return {
    async get({ path }) {
      const since = new URL(path, 'http://server').searchParams.get('since');
      const isFirst = asked === 0;
      const last = stored[asked] ?? 0;
      asked += 1;
      const after = since === null ? 0 : Number(since.split(':')[1]);
      const places = Array.from({ length: last }, (_, index) => index + 1);
      const told = places.filter((place) => place > after && !(isFirst && hidden.includes(place)));
      const updates = told.map((place) => `<Update id="e:${place}" kind="message" at="2026-11-20T12:00:00.000Z"/>`);
      const body = `<Updates recovered="true" id="e:${last}" more="false">${updates.join('')}</Updates>`;
      return { status: 200, body, etag: undefined, latencyMs: 0, retries: 0 };
    },
  };
}

describe('the mailbox of a handset', () => {
  it('G14: what is stored after its last look is not missed', async () => {
    const mailbox = createMailbox(serverWith([2, 3]), undefined);
    await mailbox.finish(EXPECTING);
    expect(mailbox.events.counts).to.include({ received: 2, missed: 0 });
  });

  it('G14: what was left out of what it fetched is missed', async () => {
    const mailbox = createMailbox(serverWith([3, 4], [2]), undefined);
    await mailbox.finish(EXPECTING);
    expect(mailbox.events.counts).to.include({ received: 2, missed: 1 });
  });
});
