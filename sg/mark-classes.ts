// Whose guide shows which measurement marks: users fall into few classes, and a guide is rendered once for each (G6).

import { createHmac, hash } from 'node:crypto';
import { type MeasurePolicy, writeMarks } from './measured-windows.ts';
import type { Service } from './schedule.ts';

/** All users of one class get the same guide. */
export interface MarkClass {
  /** Fit for a URL: the same name, the same marks. */
  name: string;
  shows(service: string): boolean;
  /** A service's marks from an instant on, epoch ms; see writeMarks. */
  marksOf(service: Service, from: number): string[];
}

/** What decides on the class of a user. */
interface MeasuredUser {
  user: string;
  /** Enabled, and consent as the policy asks (O2). */
  measurable: boolean;
}

export interface MarkClasses {
  /** Every mark: for those who keep the guide. */
  all: MarkClass;
  /** No mark. */
  none: MarkClass;
  /** The same user is always in the sample, or never. */
  isSampled(user: string): boolean;
  classOf(user: MeasuredUser): Promise<MarkClass>;
  /** Whether the user's class shows the service, consent apart. */
  seesMark(user: string, service: string): boolean | Promise<boolean>;
}

export interface MarkClassDeps {
  policy: MeasurePolicy;
  /** Share of the users that is measured, 0 to 1. */
  sampleShare: number;
  /** Seeds the choice of users; all processes share it. */
  key: Buffer;
  /**
   * Services that a user would have to buy and has not. Absent: nothing has to be bought. Few sets come of it, as people buy the same
   * bundles.
   */
  lockedServices?(user: string): ReadonlySet<string> | Promise<ReadonlySet<string>>;
}

const TWO_32 = 2 ** 32;

export function createMarkClasses({ policy, sampleShare, key, lockedServices }: MarkClassDeps): MarkClasses {
  const seed = createHmac('sha256', key).update('measurement sample').digest('hex');
  const make = (name: string, shows: (service: string) => boolean): MarkClass => ({
    name,
    shows,
    marksOf: (service, from) => (shows(service.id) ? writeMarks(service, from, policy) : ['FALSE']),
  });
  const [all, none] = [make('all', () => true), make('none', () => false)];

  const isSampled = (user: string): boolean => {
    if (sampleShare >= 1) return true;
    return hash('sha256', `${seed} ${user}`, 'buffer').readUInt32BE() < sampleShare * TWO_32;
  };

  return {
    all,
    none,
    isSampled,
    seesMark(user, service) {
      if (!isSampled(user)) return false;
      const locked = lockedServices?.(user) ?? new Set();
      return locked instanceof Promise ? locked.then((found) => !found.has(service)) : !locked.has(service);
    },
    async classOf({ user, measurable }) {
      if (!measurable || !isSampled(user)) return none;
      const locked = (await lockedServices?.(user)) ?? new Set<string>();
      if (locked.size === 0) return all;
      const name = `without-${hash('sha256', JSON.stringify([...locked].sort())).slice(0, 16)}`;
      return make(name, (service) => !locked.has(service));
    },
  };
}
