// Whose turn it is to derive sessions: one process at a time, since each goes on from what it keeps of devices (V11, O4).

import type { JobStore } from '../job-store.ts';

export interface SettlingTurn {
  /**
   * The number of this process's turn, which it takes when nobody has it; undefined while another has it. A number that is greater
   * than before says that others may have had it in between.
   */
  claim(): Promise<number | undefined>;
  /** Reports come in through other processes, too: whoever has the turn looks for them. */
  readonly isShared: boolean;
  /** Lets others have it; later claims ask again. */
  release(): Promise<void>;
}

const NAME = 'settling';
const LEASE_MS = 10_000; // what a crash of the holder delays sessions by
const RENEW_BEFORE_MS = 7_000;

/** A turn by lease, for processes that share a store; `holder` names this one. The lease is one more of the jobs'. */
export function createLeasedTurn(deps: {
  leases: Pick<JobStore, 'acquire' | 'renew'>;
  clock: () => number;
  holder: string;
}): SettlingTurn {
  const { leases, clock, holder } = deps;
  let held: { fence: number; endsAt: number } | undefined;
  return {
    isShared: true,
    async claim() {
      const now = clock();
      const endsAt = now + LEASE_MS;
      if (held !== undefined && held.endsAt - now > RENEW_BEFORE_MS) return held.fence;
      // A lease that ran out is not renewed: another may have had it and lost it again.
      const isRenewed = held !== undefined && held.endsAt > now && (await leases.renew(NAME, held.fence, endsAt));
      if (held !== undefined && isRenewed) {
        held = { fence: held.fence, endsAt };
        return held.fence;
      }
      held = undefined;
      const fence = await leases.acquire(NAME, holder, now, endsAt);
      if (fence !== undefined) held = { fence, endsAt };
      return fence;
    },
    async release() {
      if (held !== undefined) await leases.renew(NAME, held.fence, 0);
      held = undefined;
    },
  };
}
