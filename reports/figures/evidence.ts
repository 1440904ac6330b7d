// What figures rest on: how many sessions and people, and how much of their time was assumed (ratings R5).

import type { ViewingBatch } from '../viewing/viewing-batch.ts';
import type { Span } from './spans.ts';
import type { Stretches } from './stretches.ts';

/** Of sessions on services that have targets. Seconds unweighted, before the base of minutes. */
export interface Ground {
  viewers: number;
  sessions: number;
  seconds: number;
  imputedSeconds: number;
}

export function createEvidence(window: Span) {
  const ground: Ground = { viewers: 0, sessions: 0, seconds: 0, imputedSeconds: 0 };
  /** A session that goes on when a later one has ended has several stretches; it counts at its first in the window. */
  const wasBefore = ({ to, row: rows }: Stretches, place: number, row: number): boolean => {
    for (let before = place - 1; before >= 0; before--) {
      if ((to[before] as number) <= window.from) return false;
      if (rows[before] === row) return true;
    }
    return false;
  };
  return {
    ground,
    /** One viewer's measured viewing. */
    see(batch: ViewingBatch, viewing: Stretches, isAsked: (service: number) => boolean): void {
      let sessions = 0;
      let lastRow = -1;
      for (let place = 0; place < viewing.count; place++) {
        const row = viewing.row[place] as number;
        const from = Math.max(viewing.from[place] as number, window.from);
        const to = Math.min(viewing.to[place] as number, window.to);
        if (from >= to || !isAsked(viewing.service[place] as number)) continue;
        if (row !== lastRow && !wasBefore(viewing, place, row)) sessions++;
        lastRow = row;
        ground.seconds += to - from;
        const imputedMs = batch.imputedMs[row] as number;
        if (imputedMs === 0) continue;
        const imputedFrom = Math.floor((batch.endedAt[row] as number) / 1000) - Math.round(imputedMs / 1000);
        ground.imputedSeconds += Math.max(0, to - Math.max(from, imputedFrom));
      }
      ground.sessions += sessions;
      if (sessions > 0) ground.viewers++;
    },
  };
}
