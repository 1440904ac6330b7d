// The table of jobs: what runs by the clock, once in a cluster (R15).

import type { Preferences } from '../reports/preferences/preferences.ts';
import type { Guide } from '../sg/guide.ts';
import { renewSampleGuide } from '../sg/sample-guide.ts';
import type { Config } from './config.ts';
import type { Jobs } from './jobs.ts';
import type { Keys } from './keys/keys.ts';
import type { Subscriptions } from './subscriptions/subscriptions.ts';
import type { Viewing } from './viewing/viewing.ts';

export function defineJobs(
  jobs: Pick<Jobs, 'define'>,
  deps: {
    viewing: Viewing;
    guide: Guide;
    subscriptions: Pick<Subscriptions, 'settleDue'>;
    keys: Pick<Keys, 'tellNext' | 'forgetOld'>;
    preferences: Pick<Preferences, 'run'>;
    config: Config;
    clock: () => number;
  },
): void {
  const { viewing, guide, subscriptions, keys, preferences, config, clock } = deps;
  jobs.define({
    name: 'close-silent-sessions',
    schedule: '* * * * *',
    catchUp: false,
    run: async () => ({ rows: await viewing.closeSilentSessions() }),
  });
  jobs.define({
    name: 'preferences',
    schedule: '0 3 * * *', // after the broadcast day's end, and before retention takes sessions of it
    catchUp: true,
    run: preferences.run,
  });
  jobs.define({
    name: 'retention',
    schedule: '30 3 * * *',
    catchUp: true,
    run: async () => {
      const before = clock() - config.rawRetentionMs;
      return { rows: await viewing.removeOld({ reportsBefore: before, sessionsBefore: before }) };
    },
  });
  jobs.define({
    name: 'forget-guide-versions',
    schedule: '50 3 * * *',
    catchUp: true,
    run: async () => ({ rows: await guide.forgetVersions(clock() - config.guideRetentionMs) }),
  });
  jobs.define({
    name: 'settle-subscriptions',
    schedule: '* * * * *',
    catchUp: true,
    run: async () => ({ rows: await subscriptions.settleDue() }),
  });
  jobs.define({
    name: 'tell-next-keys',
    schedule: '* * * * *',
    catchUp: true,
    run: async () => ({ rows: await keys.tellNext() }),
  });
  jobs.define({
    name: 'forget-old-keys',
    schedule: '40 3 * * *',
    catchUp: true,
    run: async () => ({ rows: await keys.forgetOld() }),
  });
  if (!config.sampleGuide) return;
  jobs.define({
    name: 'renew-sample-guide',
    schedule: '10 0 * * *',
    zone: 'UTC',
    catchUp: true,
    run: async () => ({ rows: await renewSampleGuide(guide, clock) }),
  });
}
