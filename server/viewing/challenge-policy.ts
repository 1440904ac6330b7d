// When a handset is asked for credentials (V9; CN101399958A claims 10, 11).

import type { Online } from './online.ts';
import type { LogReport } from './report.ts';

/** Whether a report without credentials is answered with a challenge. `device` is the sender's number. */
export type ChallengePolicy = (report: LogReport, device: number) => boolean;

export function createChallengePolicy(deps: {
  policy: 'every' | 'changes' | 'dwell';
  online: Pick<Online, 'find'>;
  dwellMs: number;
  clock: () => number;
}): ChallengePolicy {
  const { policy, online, dwellMs, clock } = deps;
  if (policy === 'every') return () => true;
  return ({ type, service, programme }, device) => {
    const watching = online.find(device)?.watching;
    if (policy === 'dwell') return watching !== undefined && clock() - watching.since >= dwellMs;
    if (type === 'LogOutInfo') return watching === undefined;
    return watching?.service !== service || watching.programme !== programme;
  };
}
