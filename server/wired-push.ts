// The push product with what it needs of the others (G12-G16, V5): its corner of products.ts.

import { randomBytes } from 'node:crypto';
import type { Guide } from '../sg/guide.ts';
import type { GuideStore } from '../sg/guide-store.ts';
import type { OriginStore } from './accounts/account-store.ts';
import type { Accounts } from './accounts/accounts.ts';
import type { Audit } from './accounts/audit.ts';
import type { Config } from './config.ts';
import type { Jobs } from './jobs.ts';
import type { Log } from './log.ts';
import type { EventStore, StreamSignStore } from './push/event-store.ts';
import { createPush, type Push } from './push/push.ts';
import { createPushSending, type PushSending } from './push/push-sending.ts';
import type { Viewing } from './viewing/viewing.ts';

const newId = (): string => randomBytes(9).toString('base64url');

export function wirePush(deps: {
  store: {
    events: EventStore;
    streamSigns?: StreamSignStore;
    origins: Pick<OriginStore, 'list'>;
    guide: Pick<GuideStore, 'listChanges' | 'revisionAt'>;
  };
  viewing: Viewing;
  accounts: Pick<Accounts, 'findByViewer'>;
  audit: Audit;
  guide: Guide;
  /** Services that the viewer would have to buy and has not. */
  lockedServices(viewer: number): ReadonlySet<string> | Promise<ReadonlySet<string>>;
  config: Config;
  clock: () => number;
  log: Log;
}): Push {
  const { store, viewing, accounts, audit, guide, config, clock, log } = deps;
  const isEntitled = (viewer: number, service: string): boolean | Promise<boolean> => {
    const locked = deps.lockedServices(viewer);
    return locked instanceof Promise ? locked.then((services) => !services.has(service)) : !locked.has(service);
  };
  return createPush({
    store: store.events,
    streamSigns: store.streamSigns,
    online: viewing.online,
    listSessions: viewing.listSessions,
    devicesOf: async (viewer) => (await store.origins.list(viewer)).map(({ device }) => device),
    isEntitled,
    isEnabled: async (viewer) => (await accounts.findByViewer(viewer))?.enabled === true,
    recordAudit: audit.record,
    guide: {
      revision: guide.revision,
      async changedServices(since, through) {
        const { services, pages } = await store.guide.listChanges(since, through);
        return [...new Set([...services, ...pages.map(({ service }) => service)])].sort();
      },
      isOld: async (revision) => (await store.guide.revisionAt(clock() - config.eventHistoryMs)) >= revision,
    },
    newId,
    random: Math.random,
    clock,
    log,
    rules: {
      historyMs: config.eventHistoryMs,
      historyEvents: config.eventHistory,
      streamsPerUser: config.eventStreamsPerUser,
      streamsPerProcess: config.eventStreams,
      keepAliveMs: config.eventKeepAliveMs,
      bufferBytes: config.eventBufferBytes,
      stuckMs: config.eventStuckMs,
      retryMs: config.eventRetryMs,
    },
  });
}

export function wirePushSending(deps: {
  push: Push;
  accounts: Pick<Accounts, 'find'>;
  guide: Guide;
  clock: () => number;
}): PushSending {
  const { push, accounts, guide, clock } = deps;
  return createPushSending({
    pushes: push.pushes,
    async viewerOf(user) {
      const account = await accounts.find(user);
      return account?.role === 'handset' ? account.viewer : undefined;
    },
    hasService: async (service) => (await guide.findService(service)) !== undefined,
    async servicesOn(programme) {
      const on = await guide.listProgrammes({ from: clock(), to: clock() + 1 });
      return on.filter(({ id }) => id === programme).map(({ service }) => service);
    },
    newId,
  });
}

/** The accounts, which end a user's streams when they end the account: in every process, within a moment. */
export function endingStreams(accounts: Accounts, push: () => Push): Accounts {
  const ending =
    (close: (user: string, by: string) => Promise<void>) =>
    async (user: string, by: string): Promise<void> => {
      const account = await accounts.find(user);
      await close(user, by);
      if (account?.role === 'handset') await push().endStreamsOf(account.viewer);
    };
  return { ...accounts, disable: ending(accounts.disable), remove: ending(accounts.remove) };
}

export function definePushJobs(jobs: Jobs, push: Push): void {
  jobs.define({
    name: 'forget-events',
    schedule: '20 * * * *',
    catchUp: true,
    run: async () => ({ rows: await push.removeOld() }),
  });
}
