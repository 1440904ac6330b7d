// What is measured just now: the guide's marks in memory, asked at each report (G5, G6).

import type { Guide } from './guide.ts';
import type { MeasurePolicy } from './measured-windows.ts';
import type { MeasuredWindow, Service } from './schedule.ts';

export interface Measuring {
  /** Brings the marks up to date with the guide; undefined when they were lately. A store that fails leaves them as they are. */
  refresh(): Promise<void> | undefined;
  /** The guide was changed by this process: the next refresh looks. */
  changed(): void;
  /**
   * When what a service shows at `at` (epoch ms) is measured: then; undefined when it is not. A moment that lies before a window by no
   * more than clocks differ is the window's start. Without a service: whether anything is measured.
   */
  measuredAt(service: string, at: number): number | undefined;
  /** The end of the measured window that holds `at`; infinite where none ends. */
  measuredUntil(service: string, at: number): number;
}

/** How late a change by another process is seen; each look is one small read. */
const LOOK_EVERY_MS = 1_000;
/** HTTP Date counts whole seconds, and networks take a moment. */
const TOLERANCE_MS = 2_000;

export function createMeasuring(deps: {
  guide: Pick<Guide, 'revision' | 'listServices'>;
  policy: MeasurePolicy;
  clock: () => number;
}): Measuring {
  const { guide, policy, clock } = deps;
  let windows = new Map<string, MeasuredWindow[]>();
  let revision = -1;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  const look = async (): Promise<void> => {
    const present = await guide.revision();
    if (present === revision) return;
    const services: Service[] = await guide.listServices({ revision: present });
    windows = new Map(services.filter(({ measured }) => measured.length > 0).map(({ id, measured }) => [id, measured]));
    revision = present;
  };

  const windowAt = (own: readonly MeasuredWindow[], at: number): number | undefined => {
    const found = own.find(({ from, to }) => from - TOLERANCE_MS <= at && at < to && from < to);
    return found === undefined ? undefined : Math.max(at, found.from);
  };

  return {
    refresh() {
      const now = clock();
      if (now >= lookedAt && now - lookedAt < LOOK_EVERY_MS) return looking;
      lookedAt = now;
      looking = look()
        .catch(() => undefined)
        .finally(() => {
          looking = undefined;
        });
      return looking;
    },
    changed() {
      lookedAt = Number.NEGATIVE_INFINITY;
    },
    measuredAt(service, at) {
      if (service === '') {
        const isAny = policy === 'all' || [...windows.values()].some((own) => windowAt(own, at) !== undefined);
        return isAny ? at : undefined;
      }
      const own = windows.get(service);
      if (own === undefined) return policy === 'all' ? at : undefined;
      return windowAt(own, at);
    },
    measuredUntil(service, at) {
      const found = windows.get(service)?.find(({ from, to }) => from <= at && at < to);
      return found?.to ?? Number.POSITIVE_INFINITY;
    },
  };
}
