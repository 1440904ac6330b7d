// What a server can know of true sessions by the rules of V12, worked out apart from the server's own code (O10). Pure.

import type { ExpectedSession, TrueSession, Windows } from './plan.ts';

const HEARTBEAT_MS = 120_000;
const CAP_MS = 4 * 3_600_000;
const SILENCE_MS = 6 * 60_000; // three beats

/**
 * The sessions to expect of one device. A crash with heartbeats ends at the last of them plus one interval. One without
 * runs to the next LogIn, at most to the cap; a LogIn for the same programme goes on with it. Neither is clean, and neither goes on
 * past the end of its measured window.
 */
export function expectSessions(
  sessions: readonly TrueSession[],
  windowsOf: (service: string) => Windows | undefined = () => undefined,
): ExpectedSession[] {
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
    const next = sessions[index + 1];
    const windowEnd =
      windowsOf(service)?.find((one) => one.from <= from && from < one.to)?.to ?? Number.POSITIVE_INFINITY;
    const lastSignAt = from + session.heartbeats * HEARTBEAT_MS;
    if (
      windowEnd - lastSignAt <= (session.heartbeats > 0 ? SILENCE_MS : CAP_MS) &&
      windowEnd < (next?.from ?? Number.POSITIVE_INFINITY)
    ) {
      target.to = windowEnd;
      target.flags = [];
      continue;
    }
    if (session.heartbeats > 0) {
      target.to = lastSignAt + HEARTBEAT_MS;
      target.flags = ['capped'];
      continue;
    }
    const capped = next === undefined || next.from - from > CAP_MS;
    target.to = capped ? from + CAP_MS : next.from;
    target.flags = [capped ? 'capped' : 'switched'];
    if (!capped) lost = target;
  }
  return expected;
}
