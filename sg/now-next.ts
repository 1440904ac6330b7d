// What is on now and next, of every service in one look (G4): the coming hours are held in memory and looked through.

import type { GuideStore } from './guide-store.ts';
import { dayOf, LONGEST_PROGRAMME_MS, type Programme, type Service } from './schedule.ts';

export interface NowRow {
  service: Service;
  now?: Programme;
  next?: Programme;
}

export interface NowBoard {
  version: number;
  /** Epoch ms of the last start or stop: until the next one, and the next version, the board stays as it is. */
  changedAt: number;
  /** When the next start or stop is, epoch ms. */
  changesAt: number;
  /** By (order, id) of the service. */
  rows: NowRow[];
}

export interface NowNext {
  board(): Promise<NowBoard>;
}

/** Next is what starts within so many hours. */
const AHEAD_MS = 12 * 3_600_000;
/** Then the coming hours are read again. */
const READ_AGAIN_MS = 3_600_000;
const SERVICES_AT_ONCE = 100;

interface Coming {
  version: number;
  readAt: number;
  lists: { service: Service; programmes: Programme[] }[];
}

export function createNowNext({ store, clock }: { store: GuideStore; clock: () => number }): NowNext {
  let coming: Promise<Coming> | undefined;
  let known: { version: number; readAt: number } | undefined;
  let board: NowBoard | undefined;

  const read = async (version: number, now: number): Promise<Coming> => {
    const services = await store.listServices(version);
    const lists: Coming['lists'] = [];
    for (let start = 0; start < services.length; start += SERVICES_AT_ONCE) {
      const some = services.slice(start, start + SERVICES_AT_ONCE);
      const ids = some.map(({ id }) => id);
      const [fromDay, toDay] = [dayOf(now - LONGEST_PROGRAMME_MS), dayOf(now + AHEAD_MS + READ_AGAIN_MS) + 1];
      const pages = Map.groupBy(await store.listPages(ids, fromDay, toDay, version), ({ service }) => service);
      for (const service of some) {
        const all = (pages.get(service.id) ?? []).flatMap((page) => page.programmes);
        const near = all.filter(({ startAt, stopAt }) => stopAt > now && startAt < now + AHEAD_MS + READ_AGAIN_MS);
        lists.push({ service, programmes: near });
      }
    }
    return { version, readAt: now, lists };
  };

  return {
    async board() {
      const now = clock();
      const version = await store.revision();
      if (board?.version === version && board.changedAt <= now && now < board.changesAt) return board;
      const hour = Math.floor(now / READ_AGAIN_MS) * READ_AGAIN_MS; // so that all processes read, and tag, the same
      if (coming === undefined || known?.version !== version || known.readAt !== hour) {
        known = { version, readAt: hour };
        coming = read(version, hour);
        coming.catch(() => {
          known = undefined;
        });
      }
      board = boardAt(await coming, now);
      return board;
    },
  };
}

function boardAt({ version, readAt, lists }: Coming, now: number): NowBoard {
  let changedAt = readAt;
  let changesAt = readAt + READ_AGAIN_MS;
  const rows = lists.map(({ service, programmes }): NowRow => {
    for (const { startAt, stopAt } of programmes) {
      for (const at of [startAt, stopAt, startAt - AHEAD_MS]) {
        if (at <= now) changedAt = Math.max(changedAt, at);
        else changesAt = Math.min(changesAt, at);
      }
    }
    const current = programmes.find(({ startAt, stopAt }) => startAt <= now && now < stopAt);
    const next = programmes.find(({ startAt }) => startAt > now && startAt <= now + AHEAD_MS);
    return {
      service,
      ...(current === undefined ? {} : { now: current }),
      ...(next === undefined ? {} : { next }),
    };
  });
  return { version, changedAt, changesAt, rows };
}
