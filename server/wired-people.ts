// Wires who is measured, with weights, groups and devices, from accounts and store into reports (ratings R2, R3; O2, G6).

import { type Breakdowns, createBreakdowns } from '../reports/breakdown/breakdowns.ts';
import { createDeviceKinds } from '../reports/breakdown/device-kinds.ts';
import { createPeople, type Person } from '../reports/breakdown/people.ts';
import { weightOf } from './accounts/account.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { Config } from './config.ts';
import type { DeviceModelStore } from './viewing/device-models.ts';

export function wirePeople(deps: {
  deviceModels: Pick<DeviceModelStore, 'list'>;
  accounts: Pick<Accounts, 'listMeasurable'>;
  /** Whether the user is in the sample that is measured. */
  isSampled(user: string): boolean;
  config: Pick<Config, 'sampleShare' | 'ratingWeights'>;
}): Breakdowns {
  const { deviceModels, accounts, isSampled, config } = deps;
  const areWeighted = config.ratingWeights === 'on';

  async function* list(): AsyncGenerator<Person[]> {
    for await (const page of accounts.listMeasurable()) {
      yield page
        .filter(({ user }) => isSampled(user))
        .map(({ viewer, demographics = {} }) => {
          const { weight: _weight, ...groups } = demographics;
          return { viewer, weight: areWeighted ? weightOf(demographics) : 1, demographics: groups };
        });
    }
  }

  const elapsedMs = (): number => performance.now();
  return createBreakdowns({
    readPeople: createPeople({ list, isSample: config.sampleShare < 1, elapsedMs }),
    deviceKinds: createDeviceKinds({ list: () => deviceModels.list(), elapsedMs }),
  });
}
