// The service guide: what is on, what is measured, what can be bought, whose it is, at which revision (G1, G2, G3, G5).

import { randomUUID } from 'node:crypto';
import { Problem } from '../server/problem.ts';
import { type Editor, mayEdit } from './editor.ts';
import type { GuideStore } from './guide-store.ts';
import { type LoadOptions, type LoadResult, loadGuide } from './load-guide.ts';
import { parseMarks } from './measured-windows.ts';
import { createPurchaseItems, type PurchaseItems } from './purchase-items.ts';
import { createTurns } from './revision-turn.ts';
import {
  dayOf,
  inFieldOrder,
  LONGEST_PROGRAMME_MS,
  type MeasuredWindow,
  type Page,
  type Programme,
  type Service,
} from './schedule.ts';
import { replaceInWindow, type ScheduleWindow } from './schedule-rules.ts';

export type { LoadResult } from './load-guide.ts';
export type { Service } from './schedule.ts';

/** Programmes of one service that replace those that start in the window. */
interface ScheduleChange {
  service: string;
  window: ScheduleWindow;
  programmes: readonly Programme[];
}

/** Programmes that overlap [from, to), epoch ms; of all services if none are named. `revision` absent: the present one. */
interface ProgrammeQuery {
  services?: readonly string[];
  from: number;
  to: number;
  revision?: number;
}

interface ProgrammeName {
  service: string;
  id: string;
  /** Epoch ms: some time within a day of its start. */
  at: number;
  revision?: number;
}

export interface Guide extends PurchaseItems {
  /** The present revision; 0 before anything is there. */
  revision(): Promise<number>;
  /** Keeps what was there at `at`, epoch ms, and since; answers how many older records are gone. */
  forgetVersions(at: number): Promise<number>;
  /** By (order, id). */
  listServices(query?: { provider?: string; revision?: number }): Promise<Service[]>;
  findService(id: string, revision?: number): Promise<Service | undefined>;
  /** By (startAt, service). Problem `not_found` for a revision that isn't there yet, `gone` for one that isn't kept. */
  listProgrammes(query: ProgrammeQuery): Promise<Programme[]>;
  findProgramme(name: ProgrammeName): Promise<Programme | undefined>;
  /** Reads XMLTV; see LoadResult. Problem `invalid` with the line, and nothing changed; `conflict` while another load runs. */
  load(stream: AsyncIterable<Uint8Array>, options: LoadOptions): Promise<LoadResult>;
  /** Adds or replaces services and schedules at one revision, all at once. Problem `forbidden`, `invalid`, `conflict`. */
  revise(
    editor: Editor,
    change: { services?: readonly Service[]; schedules?: readonly ScheduleChange[] },
  ): Promise<number>;
  putService(editor: Editor, service: Service): Promise<number>;
  /** From its revision on it and its programmes are in no list. Problem `not_found`, `forbidden`; `conflict` while it is on sale. */
  removeService(editor: Editor, id: string): Promise<number>;
  putProgrammes(
    editor: Editor,
    service: string,
    window: ScheduleWindow,
    programmes: readonly Programme[],
  ): Promise<number>;
  /** Says by G5's marks what is measured; none: policy says. Problem `not_found`, `invalid`, `forbidden`. */
  setMeasuredWindows(editor: Editor, service: string, marks: readonly string[]): Promise<MeasuredWindow[]>;
}

export interface GuideDeps {
  store: GuideStore;
  /** Epoch ms. */
  clock: () => number;
  newId?: () => string;
  /** Called when a revision is published here. */
  onPublished?: () => void;
}

export function createGuide({ store, clock, newId = randomUUID, onPublished }: GuideDeps): Guide {
  const turns = createTurns({ store, clock, newId, onPublished });

  const checked = async (revision: number | undefined): Promise<number> => {
    const present = await store.revision();
    if (revision === undefined) return present;
    if (!Number.isInteger(revision) || revision < 0 || revision > present) {
      throw new Problem('not_found', `the guide has no revision ${revision}; the present one is ${present}`);
    }
    const oldest = await store.oldestRevision();
    if (revision < oldest) throw new Problem('gone', `revision ${revision} is not kept; the oldest is ${oldest}`);
    return revision;
  };

  const revise: Guide['revise'] = async (editor, { services = [], schedules = [] }) => {
    const { revision } = await turns.edit(async (turn) => {
      const known = new Map((await store.listServices(turn.base)).map((service) => [service.id, service]));
      const changed = services.filter((one) => {
        mayEdit(editor, one.provider, `the service ${one.id}`);
        const before = known.get(one.id);
        if (before !== undefined) mayEdit(editor, before.provider, `the service ${one.id}`);
        return JSON.stringify(before) !== JSON.stringify(one);
      });
      for (const one of services) known.set(one.id, one);
      const pages: Page[] = [];
      for (const { service, window, programmes } of schedules) {
        const owner = known.get(service)?.provider;
        if (owner === undefined) throw new Problem('not_found', `there is no service ${service}`);
        mayEdit(editor, owner, `the service ${service}`);
        const list = (fromDay: number, toDay: number): Promise<Page[]> =>
          store.listPages([service], fromDay, toDay, turn.base);
        const inOrder = inWindow(service, window, programmes);
        for await (const page of replaceInWindow(service, inOrder, window, list)) pages.push(page);
      }
      await turn.put({ services: changed, pages });
    });
    return revision;
  };

  const guide: Guide = {
    revision: () => store.revision(),

    forgetVersions: async (at) => store.forgetBefore(await store.revisionAt(at)),

    async listServices({ provider, revision } = {}) {
      const services = await store.listServices(await checked(revision));
      return provider === undefined ? services : services.filter((service) => service.provider === provider);
    },

    async findService(id, revision) {
      return (await guide.listServices(revision === undefined ? {} : { revision })).find(
        (service) => service.id === id,
      );
    },

    async listProgrammes({ services, from, to, revision }) {
      const at = await checked(revision);
      const known = (await store.listServices(at)).map((service) => service.id);
      const ids = services === undefined ? known : known.filter((id) => services.includes(id));
      const pages = await store.listPages(ids, dayOf(from - LONGEST_PROGRAMME_MS), dayOf(to - 1) + 1, at);
      const found = pages.flatMap((page) => page.programmes.filter((one) => one.startAt < to && one.stopAt > from));
      return found.sort((a, b) => a.startAt - b.startAt || (a.service < b.service ? -1 : 1));
    },

    async findProgramme({ service, id, at, revision }) {
      const pages = await store.listPages([service], dayOf(at) - 1, dayOf(at) + 2, await checked(revision));
      return pages.flatMap((page) => page.programmes).find((programme) => programme.id === id);
    },

    async load(stream, options) {
      const { revision, result } = await turns.load((turn) => loadGuide(store, turn, stream, options));
      return { revision, ...result };
    },

    ...createPurchaseItems({ store, turns, checked }),
    revise,
    putService: (editor, service) => revise(editor, { services: [service] }),
    putProgrammes: (editor, service, window, programmes) =>
      revise(editor, { schedules: [{ service, window, programmes }] }),

    async removeService(editor, id) {
      const { revision } = await turns.edit(async (turn) => {
        const service = (await store.listServices(turn.base)).find((one) => one.id === id);
        if (service === undefined) throw new Problem('not_found', `there is no service ${id}`);
        mayEdit(editor, service.provider, `the service ${id}`);
        const holder = (await store.listItems(turn.base)).find(({ services }) => services.includes(id));
        if (holder !== undefined) throw new Problem('conflict', `the service ${id} is sold with ${holder.id}`);
        await turn.put({ services: [{ id, removed: true }] });
      });
      return revision;
    },

    async setMeasuredWindows(editor, id, marks) {
      const { result } = await turns.edit(async (turn) => {
        const service = (await store.listServices(turn.base)).find((one) => one.id === id);
        if (service === undefined) throw new Problem('not_found', `there is no service ${id}`);
        mayEdit(editor, service.provider, `the service ${id}`);
        const measured = parseMarks(marks, service.zone);
        if (JSON.stringify(measured) !== JSON.stringify(service.measured))
          await turn.put({ services: [{ ...service, measured }] });
        return measured;
      });
      return result;
    },
  };
  return guide;
}

/** The programmes in order; Problem `invalid` when one is of another service, leaves the window, or overlaps another. */
async function* inWindow(
  service: string,
  { from, to }: ScheduleWindow,
  programmes: readonly Programme[],
): AsyncGenerator<Programme> {
  if (!(from < to)) throw new Problem('invalid', 'the window ends before it starts');
  let reached = from;
  for (const programme of [...programmes].sort((a, b) => a.startAt - b.startAt)) {
    const { id, startAt, stopAt } = programme;
    const refuse = (why: string): never => {
      throw new Problem('invalid', `programme ${id}: ${why}`);
    };
    if (programme.service !== service) refuse(`is of the service ${programme.service}`);
    if (startAt < from || stopAt > to) refuse('leaves the window');
    if (!(startAt < stopAt) || stopAt - startAt > LONGEST_PROGRAMME_MS) refuse('lasts no time, or more than 24 hours');
    if (startAt < reached) refuse('overlaps the one before');
    reached = stopAt;
    yield inFieldOrder(programme);
  }
}
