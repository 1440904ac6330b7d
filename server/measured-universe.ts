// How many users could be measured: those who may be, within the sample (R: universe; G6, O2).

import type { Accounts } from './accounts/accounts.ts';

/** Up to so many each one is looked at; of more, the share of them is as near as figures need: within 1 percent. */
const COUNTED_ONE_BY_ONE = 100_000;
const PAGE = 1_000;
const FRESH_MS = 60_000;

export interface MeasuredUniverseDeps {
  accounts: Pick<Accounts, 'count' | 'list' | 'mayMeasure'>;
  sampleShare: number;
  isSampled(user: string): boolean;
  clock: () => number;
}

/** Answers the number of users; in a sample it may be a minute old. */
export function createMeasuredUniverse({ accounts, sampleShare, isSampled, clock }: MeasuredUniverseDeps) {
  let known: { at: number; users: Promise<number> } | undefined;

  const countSampled = async (): Promise<number> => {
    const measurable = await accounts.count({ measurable: true });
    if (measurable > COUNTED_ONE_BY_ONE) return Math.round(measurable * sampleShare);
    let users = 0;
    let after: string | undefined;
    do {
      const page = await accounts.list({ role: 'handset', limit: PAGE, ...(after === undefined ? {} : { after }) });
      users += page.filter((account) => accounts.mayMeasure(account) && isSampled(account.user)).length;
      after = page.length < PAGE ? undefined : page.at(-1)?.user;
    } while (after !== undefined);
    return users;
  };

  return (): Promise<number> => {
    if (sampleShare >= 1) return accounts.count({ measurable: true });
    const now = clock();
    if (known === undefined || now < known.at || now - known.at >= FRESH_MS) {
      known = { at: now, users: countSampled() };
      known.users.catch(() => {
        known = undefined;
      });
    }
    return known.users;
  };
}
