// What an audience is broken down by (ratings R3).

import type { Segmentation } from '../figures/target.ts';
import type { DeviceKinds } from './device-kinds.ts';
import type { PeopleReading, ReadPeople } from './people.ts';
import { TIME_SHIFT } from './time-shift.ts';

/** `group:age` is by the demographic `age`, and region by that name; shift is live or time-shifted. */
type BreakdownBy = 'region' | 'device' | 'shift' | `group:${string}`;

export interface Breakdowns {
  /** The people of one moment, and how they and what they watch are split. */
  read(): Promise<
    Pick<PeopleReading, 'universe' | 'weightOf'> & {
      /** Problem `too_large` for a demographic with too many values. */
      segmentation(by: BreakdownBy): Promise<Segmentation>;
    }
  >;
}

const GROUP = 'group:';

export function createBreakdowns(deps: { readPeople: ReadPeople; deviceKinds: DeviceKinds }): Breakdowns {
  return {
    async read() {
      const people = await deps.readPeople();
      return {
        universe: people.universe,
        weightOf: people.weightOf,
        async segmentation(by) {
          if (by === 'shift') return TIME_SHIFT;
          if (by === 'device') return deps.deviceKinds.segmentation();
          return people.segmentation(by === 'region' ? by : by.slice(GROUP.length));
        },
      };
    },
  };
}
