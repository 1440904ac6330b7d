// What a server can know of true sessions by the rules of V12, worked out apart from the server's own code (O10). Pure.

import type { ExpectedSession, TrueSession } from './plan.ts';

const HEARTBEAT_MS = 120_000;
const CAP_MS = 4 * 3_600_000;

/**
 * The sessions to expect of one device. A crash with heartbeats ends at the last of them plus one interval. One without
 * runs to the next LogIn, at most to the cap; a LogIn for the same programme goes on with it. Neither is clean.
 */
export function expectSessions(sessions: readonly TrueSession[]): ExpectedSession[] {
  const expected: ExpectedSession[] = [];
  let lost: ExpectedSession | undefined;
  for (const [index, session] of sessions.entries()) {
    const { handset, user, service, programme, from } = session;
    const resumed = lost !== undefined && lost.service === service && lost.programme === programme;
    const target: ExpectedSession =
      resumed && lost !== undefined
        ? lost
        : { handset, user, service, programme, from, to: session.to, flags: [], clean: session.end !== 'crashed' };
    if (!resumed) expected.push(target);
    target.to = session.to;
    target.flags = session.end === 'switched' ? ['switched'] : [];
    lost = undefined;
    if (session.end !== 'crashed') continue;
    if (session.heartbeats > 0) {
      target.to = from + (session.heartbeats + 1) * HEARTBEAT_MS;
      target.flags = ['capped'];
      continue;
    }
    const next = sessions[index + 1];
    const capped = next === undefined || next.from - from > CAP_MS;
    target.to = capped ? from + CAP_MS : next.from;
    target.flags = [capped ? 'capped' : 'switched'];
    if (!capped) lost = target;
  }
  return expected;
}
