// Loads XMLTV into the guide: stage what is read, merge service by service, publish (G2).

import { setImmediate } from 'node:timers/promises';
import type { GuideStore, StagedProgramme } from './guide-store.ts';
import type { Turn } from './revision-turn.ts';
import type { Page, Programme, Service } from './schedule.ts';
import { cleanSchedule, replaceInWindow } from './schedule-rules.ts';
import { readXmltv } from './xmltv.ts';

/** Kept in memory from reading to publishing; more channels than any operator has. */
const MAX_SERVICES = 10_000;
/** Reports stay readable; the count goes on. */
const MAX_FAULTS = 1_000;
const STAGED_AT_ONCE = 1_000;
/** Programmes merged before their pages are written: some megabytes. */
const MERGED_AT_ONCE = 2_000;

/** What is wrong in one line, which counts from 1. `rule` is one word for the kind. */
interface LoadFault {
  line: number;
  rule: string;
  message: string;
}

/** `skipped` counts programmes that were not taken over; `faults` are the first 1,000 of `faultCount`, by line. */
export interface LoadResult {
  revision: number;
  source: string;
  services: number;
  programmes: number;
  skipped: number;
  faults: LoadFault[];
  faultCount: number;
}

/** How far a load is: programmes read, or merged. */
interface LoadProgress {
  phase: 'read' | 'merge';
  services: number;
  programmes: number;
}

export interface LoadOptions {
  /** Whose services these are; channels of others are refused one by one. */
  provider: string;
  /** A name for the result: a file, a URL. */
  source: string;
  onProgress?: (progress: LoadProgress) => void;
}

/** Does the work of a load within a turn; answers all of the result but its revision. */
export async function loadGuide(
  store: GuideStore,
  turn: Turn,
  stream: AsyncIterable<Uint8Array>,
  { provider, source, onProgress }: LoadOptions,
): Promise<Omit<LoadResult, 'revision'>> {
  const present = new Map((await store.listServices(turn.base)).map((service) => [service.id, service]));
  const named = new Map<string, Service>();
  const scheduled = new Set<string>();
  const result = { source, services: 0, programmes: 0, skipped: 0, faults: [] as LoadFault[], faultCount: 0 };
  const report = (line: number, rule: string, message: string, lost: boolean): void => {
    result.faultCount += 1;
    if (lost) result.skipped += 1;
    if (result.faults.length < MAX_FAULTS) result.faults.push({ line, rule, message });
  };
  let order = Math.max(0, ...[...present.values()].map((service) => service.order));

  const takeChannel = (line: number, id: string, names: Service['names'], logo: string | undefined): void => {
    const before = present.get(id);
    if (before !== undefined && before.provider !== provider) {
      report(line, 'foreign_service', `the service ${id} is of another provider`, false);
    } else if (named.size >= MAX_SERVICES && !named.has(id)) {
      report(line, 'too_many', `a guide may have ${MAX_SERVICES} services at most`, false);
    } else {
      if (named.has(id)) report(line, 'duplicate', `the channel ${id} is there before; this one holds`, false);
      else if (before === undefined) order += 1;
      const base = before ?? named.get(id) ?? { id, provider, order, measured: [] };
      named.set(id, { ...base, names, ...(logo === undefined ? {} : { logo }) });
    }
  };

  const isTaken = (line: number, id: string): boolean => {
    const service = named.get(id) ?? present.get(id);
    if (service === undefined) report(line, 'unknown_channel', `no channel ${id} is declared before`, true);
    else if (service.provider !== provider) {
      report(line, 'foreign_service', `the service ${id} is of another provider`, true);
    } else return true;
    return false;
  };

  let sequence = 0;
  let waiting: StagedProgramme[] = [];
  const stage = async (): Promise<void> => {
    await store.stage(waiting);
    waiting = [];
    await turn.keep();
    onProgress?.({ phase: 'read', services: named.size, programmes: sequence });
  };
  for await (const items of readXmltv(stream)) {
    for (const item of items) {
      if (item.kind === 'fault') report(item.line, item.rule, item.message, item.lost);
      else if (item.kind === 'channel') takeChannel(item.line, item.id, item.names, item.logo);
      else if (isTaken(item.line, item.programme.service)) {
        sequence += 1;
        scheduled.add(item.programme.service);
        waiting.push({ line: item.line, sequence, programme: item.programme });
      }
    }
    if (waiting.length >= STAGED_AT_ONCE) await stage();
  }
  await stage();

  const changed = [...named.values()].filter((one) => JSON.stringify(one) !== JSON.stringify(present.get(one.id)));
  await turn.put({ services: changed });
  result.services = new Set([...named.keys(), ...scheduled]).size;

  let pages: Page[] = [];
  let pending = 0;
  let done = 0;
  async function* counted(programmes: AsyncIterable<Programme>): AsyncGenerator<Programme> {
    for await (const programme of programmes) {
      result.programmes += 1;
      yield programme;
    }
  }
  for (const service of scheduled) {
    const programmes = counted(cleanSchedule(stagedOf(store, turn, service), report));
    const listPages = (fromDay: number, toDay: number): Promise<Page[]> =>
      store.listPages([service], fromDay, toDay, turn.base);
    for await (const page of replaceInWindow(service, programmes, undefined, listPages)) {
      pages.push(page);
      pending += page.programmes.length + 1;
      if (pending < MERGED_AT_ONCE) continue;
      await turn.put({ pages });
      pages = [];
      pending = 0;
      await setImmediate();
    }
    done += 1;
    onProgress?.({ phase: 'merge', services: done, programmes: result.programmes });
  }
  await turn.put({ pages });
  result.faults.sort((a, b) => a.line - b.line);
  return result;
}

async function* stagedOf(store: GuideStore, turn: Turn, service: string): AsyncGenerator<StagedProgramme> {
  let after: StagedProgramme | undefined;
  do {
    const some = await store.listStaged(service, after, STAGED_AT_ONCE);
    yield* some;
    after = some.length < STAGED_AT_ONCE ? undefined : some.at(-1);
    await turn.keep();
    await setImmediate();
  } while (after !== undefined);
}
