// Seals the viewing of hours that are over, and takes viewers out of what is sealed (ratings R18, R6; O2).

import { setImmediate } from 'node:timers/promises';
import type { EndedSession } from '../../server/viewing/session.ts';
import { compareRows, copyRow, createBatch, createNameBooks, makeRoom, type NameBooks } from './batch-rows.ts';
import { countedBatches, isCounted } from './counted-rows.ts';
import { mergeViewing } from './merge-viewing.ts';
import { BLOCK_FORMAT, createBlockReader, encodeBlock, holdsViewer, openBlock } from './sealed-block.ts';
import type { Lane, Seal, SealedHourStore, StoredBlock } from './sealed-hour-store.ts';
import { HOUR_MS, hourOf, type SessionHours, type VersionMove } from './session-hours.ts';
import type { ViewingBatch } from './viewing-batch.ts';

/** Before that most of its sessions may still be open, and each that ends makes a seal stale. */
const SEAL_AFTER_MS = 2 * HOUR_MS;
/** An hour that retention may be removing is not sealed. */
const RETENTION_MARGIN_MS = 24 * HOUR_MS;
/** What ends later is in the second lane, which is read for windows up to a day later. */
const SOON_MS = HOUR_MS;
const BLOCK_ROWS = 4_096; // each open reading holds a block in memory
const SORTED_ROWS = 16_384; // sorted at once: some 15 ms

export interface HourSealing {
  /** Seals the hours whose seal is missing or stale, newest first. Answers the sessions that were sealed. */
  sealHours(context: { signal: AbortSignal; progress(rows: number): void }): Promise<{ rows: number }>;
  /** Takes the viewer out of all blocks; `moves` are what removing the viewer's sessions did to the versions. */
  eraseViewer(viewer: number, moves: readonly VersionMove[]): Promise<void>;
  /** Removes what is sealed of hours before `at`, epoch ms. */
  removeBefore(at: number): Promise<void>;
}

/** Only seals of this kind count. */
export const isValid = (seal: Seal, versions: ReadonlyMap<number, number>): boolean =>
  seal.format === BLOCK_FORMAT && seal.version === (versions.get(seal.hour) ?? 0);

export function createHourSealing(deps: {
  sessions: SessionHours;
  sealed: SealedHourStore;
  /** Resolves when all reports that were taken have their effect on sessions. */
  settled(): Promise<void>;
  /** How long sessions are kept. */
  retentionMs: number;
  newId: () => string;
  clock: () => number;
}): HourSealing {
  const { sessions, sealed, newId, clock } = deps;

  const versionOf = async (hour: number): Promise<number> =>
    (await sessions.versions(hour, hour + HOUR_MS)).get(hour) ?? 0;

  /** Sessions of the hour, ordered in memory run by run. */
  async function readRuns(hour: number, books: NameBooks): Promise<ViewingBatch[]> {
    const runs: ViewingBatch[] = [];
    let run: EndedSession[] = [];
    const endRun = async (): Promise<void> => {
      for await (const batch of countedBatches([run.sort(compareRows)], books, 0)) runs.push(batch);
      run = [];
    };
    for await (const page of sessions.listStarted(hour, hour + HOUR_MS)) {
      run.push(...page.filter(isCounted));
      if (run.length >= SORTED_ROWS) await endRun();
    }
    if (run.length > 0) await endRun();
    return runs;
  }

  /** Undefined when the hour changed meanwhile: the next run seals it. */
  async function sealHour(hour: number): Promise<Seal | undefined> {
    await sealed.removeUnused(hour);
    const version = await versionOf(hour);
    const attempt = newId();
    const books = createNameBooks();
    const lanes: Lane[] = [0, 1].map(() => ({ blocks: 0, sessions: 0, latestEnd: 0 }));
    const pending = lanes.map(() => createBatch(0));
    const put = async (number: number): Promise<void> => {
      const lane = lanes[number] as Lane;
      const batch = pending[number] as ViewingBatch;
      if (batch.count === 0) return;
      const place = { hour, attempt, lane: number, number: lane.blocks };
      await sealed.putBlock({ ...place, edition: 0, ...written(batch, books) });
      lane.blocks += 1;
      lane.sessions += batch.count;
      batch.count = 0;
    };
    const runs = (await readRuns(hour, books)).map((run) => once(run));
    const all = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
    for await (const batch of mergeViewing(runs, all)) {
      for (let at = 0; at < batch.count; at++) {
        const end = batch.endedAt[at] as number;
        const number = end <= hour + HOUR_MS + SOON_MS ? 0 : 1;
        const lane = lanes[number] as Lane;
        lane.latestEnd = Math.max(lane.latestEnd, end);
        const into = pending[number] as ViewingBatch;
        makeRoom(into, 1);
        copyRow(into, batch, at);
        if (into.count === BLOCK_ROWS) await put(number);
      }
    }
    await put(0);
    await put(1);
    const seal: Seal = { hour, version, format: BLOCK_FORMAT, attempt, lanes };
    const isDone = (await versionOf(hour)) === version && (await sealed.finish(seal));
    if (isDone) return seal;
    await sealed.removeUnused(hour);
    return undefined;
  }

  return {
    async sealHours({ signal, progress }) {
      await deps.settled();
      const now = clock();
      const from = hourOf(now - deps.retentionMs + RETENTION_MARGIN_MS);
      const to = hourOf(now - SEAL_AFTER_MS);
      const versions = await sessions.versions(from, to);
      const seals = await sealed.listSeals(from, to);
      const valid = new Set(seals.filter((seal) => isValid(seal, versions)).map(({ hour }) => hour));
      const replaced: number[] = [];
      let rows = 0;
      for (let hour = to - HOUR_MS; hour >= from; hour -= HOUR_MS) {
        if (valid.has(hour)) continue;
        await setImmediate(); // requests are answered between hours, of which the first run finds hundreds empty
        signal.throwIfAborted();
        const seal = await sealHour(hour);
        rows += seal?.lanes.reduce((sum, lane) => sum + lane.sessions, 0) ?? 0;
        progress(rows);
        if (seals.some((former) => former.hour === hour)) replaced.push(hour);
      }
      // At the end: who reads by the former seals is done by then, as a rule, or is told to ask again.
      for (const hour of replaced) await sealed.removeUnused(hour);
      return { rows };
    },

    async eraseViewer(viewer, moves) {
      for (let isDone = false; !isDone; ) {
        isDone = true;
        for await (const block of sealed.listSpanning(viewer)) {
          const left = without(viewer, block);
          // Another erasure may have been quicker: then its block is read again.
          if (left !== undefined && !(await sealed.putBlock(left))) isDone = false;
        }
      }
      for (const { hour, before, after } of moves) await sealed.moveVersion(hour, before, after);
    },

    removeBefore: sealed.removeBefore,
  };
}

async function* once(batch: ViewingBatch): AsyncGenerator<ViewingBatch> {
  yield batch;
}

/** The next edition of the block; undefined when the viewer is not in it. Of a damaged one nothing is left, so that it is not read either. */
function without(viewer: number, block: StoredBlock): StoredBlock | undefined {
  const next = { ...block, edition: block.edition + 1, firstViewer: 0, lastViewer: 0 };
  let opened: ReturnType<typeof openBlock>;
  try {
    opened = openBlock(block.bytes);
  } catch {
    return { ...next, bytes: new Uint8Array(0) };
  }
  if (!holdsViewer(opened, viewer)) return undefined;
  const books = createNameBooks();
  const batch = createBatch(opened.count);
  createBlockReader(opened, books)(batch, 0, opened.count);
  const kept = createBatch(opened.count);
  for (let at = 0; at < batch.count; at++) if (batch.viewer[at] !== viewer) copyRow(kept, batch, at);
  return { ...next, ...written(kept, books) };
}

function written(batch: ViewingBatch, { services, programmes }: NameBooks) {
  const [firstViewer = 0, lastViewer = 0] = batch.count === 0 ? [] : [batch.viewer[0], batch.viewer[batch.count - 1]];
  return {
    firstViewer,
    lastViewer,
    bytes: encodeBlock(batch, { services: services.names, programmes: programmes.names }),
  };
}
