// The accounts under which simulated handsets log in (O10).

import { hash } from 'node:crypto';
import { createRandom } from './random.ts';

export interface SimulatedAccount {
  user: string;
  password: string;
  demographics: { region: string; age: string };
}

/** With the odds of each. */
const REGIONS: Readonly<Record<string, number>> = { North: 4, South: 3, East: 2, West: 1 };
const AGES: Readonly<Record<string, number>> = { '5-9': 1, '10-19': 3, '20-39': 6, '40-59': 4, '60+': 2 };
const PEOPLE_SEED = 0x70656f70; // what a user is has nothing to do with what its handset does

const HANDSETS_PER_SECOND_DEVICE = 20;

/** How many users own so many handsets: the last twentieth of the handsets are second devices of the first users. */
export function usersOf(handsets: number): number {
  return handsets - Math.floor(handsets / HANDSETS_PER_SECOND_DEVICE);
}

/** sim-00001 and so on; `index` counts from 0 and wraps where handsets are second devices. */
export function userName(index: number, handsets: number): string {
  return `sim-${String((index % usersOf(handsets)) + 1).padStart(5, '0')}`;
}

/** The users of a fleet. Whoever knows the seed knows the passwords: they are for servers under trial. */
export function simulatedAccounts(handsets: number, seed: number): SimulatedAccount[] {
  return Array.from({ length: usersOf(handsets) }, (_, index) => {
    const user = userName(index, handsets);
    const random = createRandom(seed ^ PEOPLE_SEED, index);
    const pick = (odds: Readonly<Record<string, number>>): string =>
      Object.keys(odds)[random.weighted(Object.values(odds))] ?? '';
    return {
      user,
      password: hash('sha256', `pocketmeter fleet ${seed} ${user}`, 'base64url').slice(0, 22),
      demographics: { region: pick(REGIONS), age: pick(AGES) },
    };
  });
}
