// Tells handsets of every new version of the guide, whichever process made it, and once (G13, V5).

import type { Log } from '../log.ts';
import type { NewEvent } from './event.ts';

export interface GuideFollowing {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The present version as it was seen last; 0 before that. */
  version(): number;
}

/** The guide, as far as is needed here. */
export interface FollowedGuide {
  revision(): Promise<number>;
  /** Services whose description or schedule changed at a revision r with since < r ≤ through. */
  changedServices(since: number, through: number): Promise<string[]>;
  /** Whether the revision was there before what is kept of the events: then it was told of, and that is forgotten. */
  isOld(revision: number): Promise<boolean>;
}

const LOOK_EVERY_MS = 500;
/** A load changes a thousand, as a rule all: then none is named. */
const MOST_NAMED = 100;

export function createGuideFollowing(deps: {
  guide: FollowedGuide;
  /** The version of the last `guide-changed` that is kept. */
  toldVersion(): number | undefined;
  notify(event: NewEvent): Promise<unknown>;
  log: Log;
}): GuideFollowing {
  const { guide, log } = deps;
  let version = 0;
  let told = 0;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let failed = false;

  const tell = async (revision: number): Promise<void> => {
    const since = Math.max(told, deps.toldVersion() ?? 0);
    if (revision <= since || (since === 0 && (await guide.isOld(revision)))) return;
    const services = since === 0 ? [] : await guide.changedServices(since, revision);
    await deps.notify({
      kind: 'guide-changed',
      audience: { all: true },
      content: {
        version: revision,
        ...(since === 0 ? {} : { since }),
        ...(services.length === 0 || services.length > MOST_NAMED ? {} : { services }),
      },
      key: `guide/${revision}`, // whoever sees it first, or again after a crash
    });
  };

  const look = async (): Promise<void> => {
    try {
      const revision = await guide.revision();
      if (revision > told) await tell(revision);
      [version, told] = [revision, revision];
      failed = false;
    } catch (error) {
      if (!failed) log.error({ error }, 'changes of the guide are not told');
      failed = true;
    }
  };

  const next = (): void => {
    timer = setTimeout(() => {
      looking = look().then(() => {
        if (timer !== undefined) next();
      });
    }, LOOK_EVERY_MS);
  };

  return {
    version: () => version,
    async start() {
      await look();
      next();
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await looking;
    },
  };
}
