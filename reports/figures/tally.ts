// The rating figures of many targets and groups in one pass over viewing (ratings R2-R4, R18).

import { endOfViewer, type ViewingBatch } from '../viewing/viewing-batch.ts';
import { createCellSums, type Reach } from './cell-sums.ts';
import { cleanViewing } from './clean-viewing.ts';
import { createEvidence, type Ground } from './evidence.ts';
import type { Figures } from './figures.ts';
import { cut, type Lane, type Layer } from './lanes.ts';
import { toMinutes } from './minute-base.ts';
import { createPlacing, type PlacedTarget, type PlacingOptions } from './placing.ts';
import { countBelow } from './seek.ts';
import { createStretches } from './stretches.ts';
import { readTally, type TallyRow } from './tally-reading.ts';
import type { Segmentation } from './target.ts';
import { boundsOf, createBins, createMinuteBins } from './time-bins.ts';

export type Base = 'second' | 'minute';

/**
 * `services` are all of the guide: their measured time makes the total's W. `measuredWithin` is asked once a service and may
 * reach past the window. `admit` gives targets of a service that is none of them, when it is first seen.
 */
export interface TallyOptions extends PlacingOptions {
  base: Base;
  reach: Reach;
  /** The sum of weights of everyone who could be watching. */
  universe: number;
  /** Shorter sessions are surfing. */
  dwellMsOf(service: string): number;
  segmentation?: Segmentation;
  /** 0 and less: not of the universe, not counted. Absent: everybody counts 1. */
  weightOf?(viewer: number): number;
  /** Told, viewer by viewer, of each target (by its place) that he watched whether he is reached by it. */
  watch?: { target(target: number, isReached: boolean): void; viewerEnds(viewer: number, weight: number): void };
}

export interface Tally {
  /** Viewers in any order, each in one batch alone. `services` names the batch's. */
  add(batch: ViewingBatch, services: readonly string[]): void;
  /** In the order of the targets given, then of those admitted; for a weight of 1 and up to 2^53 seconds all sums are exact. */
  finish(): { rows: TallyRow[]; total: Figures; ground: Ground; greatestWeight: number };
}

/** Peak minutes cost 16 bytes a minute of every target and group: beyond this, none are told. */
const MINUTES_MOST = 4_000_000;

/** Memory grows with targets and their minutes, never with viewers or sessions. */
export function createTally(options: TallyOptions): Tally {
  const { window, base, segmentation, weightOf, watch } = options;
  const groups = segmentation?.names.length ?? 1;
  const cells = createCellSums(options.reach); // 0 is the total, then by target and group
  const minutes = createMinuteBins(); // by cell less the total's
  let broadcastSeconds = new Float64Array(0); // by broadcast and group
  let opened = 0;
  let minutesLeft = MINUTES_MOST;
  let greatestWeight = 0;

  const openCells = (targets: readonly PlacedTarget[], broadcasts: number): void => {
    cells.grow(1 + targets.length * groups);
    const before = broadcastSeconds;
    broadcastSeconds = new Float64Array(broadcasts * groups);
    broadcastSeconds.set(before);
    for (const { extent } of targets.slice(opened)) {
      minutesLeft -= groups * (Math.ceil((extent.to - extent.from) / 60) + 1);
      for (let group = 0; minutesLeft >= 0 && group < groups; group++) minutes.open(extent.from, extent.to);
    }
    opened = targets.length;
  };
  const placing = createPlacing(options, openCells);
  const { targets, lanes } = placing;
  const dwells: number[] = []; // by the source's number of a service, as lanes below
  const byNumber: Lane[] = [];
  const edges = [...targets.flatMap(({ within }) => within), ...[...lanes.values()].map(({ measured }) => measured)];
  const bounds = boundsOf(window, edges);
  const anyService = Array.from({ length: groups }, () => createBins(bounds));

  const count = (lane: Lane, group: number, from: number, to: number, weight: number): void => {
    anyService[group]?.add(from, to, weight);
    cells.add(0, from, to, weight);
    for (const layer of lane.layers) {
      const { starts, ends, wholes } = layer;
      for (let part = countBelow(ends, from); part < starts.length; part++) {
        const start = Math.max(from, starts[part] as number);
        const end = Math.min(to, ends.values[part] as number);
        if (start >= end) break;
        if (wholes !== undefined && watch === undefined && start === starts[part] && end === ends.values[part]) {
          const last = end === to ? part : countBelow(ends, to) - 1;
          wholes.add(group, part, last + 1, weight);
          part = last;
          continue;
        }
        const cell = (layer.targets[part] as number) * groups + group;
        cells.add(1 + cell, start, end, weight);
        countTime(layer, part, group, start, end, weight);
      }
    }
  };
  const countTime = (layer: Layer, part: number, group: number, from: number, to: number, weight: number): void => {
    if (minutesLeft >= 0) minutes.add((layer.targets[part] as number) * groups + group, from, to, weight);
    const broadcast = (layer.broadcasts[part] as number) * groups + group;
    broadcastSeconds[broadcast] = (broadcastSeconds[broadcast] as number) + weight * (to - from);
  };
  const countWholes = (layer: Layer): void =>
    layer.wholes?.drain((part, group, people, weight) => {
      const [from, to] = [layer.starts[part] as number, layer.ends.values[part] as number];
      cells.addWhole(1 + (layer.targets[part] as number) * groups + group, to - from, people, weight);
      countTime(layer, part, group, from, to, weight);
    });
  const countPiece = (lane: Lane, group: number, from: number, to: number, weight: number): void => {
    if (base === 'second') count(lane, group, from, to, weight);
    else cut(lane.measured, from, to, (start, end) => count(lane, group, start, end, weight));
  };

  const cleaned = createStretches();
  const seconds = createStretches(); // what of it was measured
  const byMinute = createStretches();
  const evidence = createEvidence(window);
  const seesCell =
    watch === undefined
      ? undefined
      : (cell: number, isReached: boolean): void => {
          if (cell > 0) watch.target(Math.floor((cell - 1) / groups), isReached);
        };

  const keepMeasured = (): void => {
    seconds.clear();
    for (let place = 0; place < cleaned.count; place++) {
      const service = cleaned.service[place] as number;
      const row = cleaned.row[place] as number;
      const { measured } = byNumber[service] as Lane;
      const [from, to] = [cleaned.from[place] as number, cleaned.to[place] as number];
      const [only] = measured;
      if (only !== undefined && only.from <= from && to <= only.to) seconds.add(service, from, to, row);
      else cut(measured, from, to, (start, end) => seconds.add(service, start, end, row));
    }
  };

  const isAsked = (service: number): boolean => (byNumber[service] as Lane).layers.length > 0;
  const addViewer = (batch: ViewingBatch, viewer: number, weight: number): void => {
    keepMeasured();
    evidence.see(batch, seconds, isAsked);
    if (base === 'minute') toMinutes(seconds, byMinute);
    const pieces = base === 'minute' ? byMinute : seconds;
    for (let place = 0; place < pieces.count; place++) {
      const row = pieces.row[place] as number;
      const from = Math.max(pieces.from[place] as number, window.from);
      const to = Math.min(pieces.to[place] as number, window.to);
      const group = segmentation?.segmentOf(viewer, batch.device[row] as number, batch.timeShiftS[row] as number) ?? 0;
      if (from < to && group >= 0)
        countPiece(byNumber[pieces.service[place] as number] as Lane, group, from, to, weight);
    }
    cells.endViewer(weight, seesCell);
    watch?.viewerEnds(viewer, weight);
  };

  return {
    add(batch, services) {
      for (let row = 0; row < batch.count; row++) {
        const number = batch.service[row] as number;
        if (byNumber[number] !== undefined) continue;
        const lane = placing.laneOf(services[number] as string);
        byNumber[number] = lane;
        dwells[number] = options.dwellMsOf(lane.service);
      }
      for (let first = 0, end = 0; first < batch.count; first = end) {
        const viewer = batch.viewer[first] as number;
        end = endOfViewer(batch, first);
        const weight = weightOf?.(viewer) ?? 1;
        if (!(weight > 0)) continue;
        greatestWeight = Math.max(greatestWeight, weight);
        cleanViewing(batch, first, end, services, dwells, cleaned);
        addViewer(batch, viewer, weight);
      }
    },

    finish() {
      for (const { layers } of lanes.values()) layers.forEach(countWholes);
      const figures = readTally({ ...options, groups, placing, cells, anyService, bounds, broadcastSeconds }, (cell) =>
        minutesLeft < 0 ? undefined : minutes.sums(cell),
      );
      return { ...figures, ground: evidence.ground, greatestWeight };
    },
  };
}
