// What the tests of reports measure: the method's table as narrow ports over plain arrays (ratings R7).

import { readFileSync } from 'node:fs';
import type { GuideProgramme } from '../../../../reports/breakdown/broadcasts.ts';
import type { Universe } from '../../../../reports/ratings/measurement.ts';
import type { RatingsDeps } from '../../../../reports/ratings/ratings.ts';
import { DEFAULT_RULES } from '../../../../reports/ratings/rules.ts';
import type { ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { Problem } from '../../../../server/problem.ts';
import { sourceOf } from '../../../support/viewing-rows.ts';

type Text = Record<string, string>;
const table: { programmes: Text[]; sessions: (Text & { viewer: unknown })[] } = JSON.parse(
  readFileSync('fixtures/reports/method-table.json', 'utf8'),
);

export const fixture: { programmes: GuideProgramme[]; sessions: ViewingRow[] } = {
  programmes: table.programmes.map(({ id = '', service = '', title = '', startAt = '', stopAt = '' }) => ({
    id,
    service,
    title,
    startAt: Date.parse(startAt),
    stopAt: Date.parse(stopAt),
  })),
  sessions: table.sessions.map(({ viewer, service = '', programme = '', startedAt = '', endedAt = '' }) => ({
    viewer: Number(viewer),
    device: Number(viewer),
    service,
    programme,
    startedAt: Date.parse(startedAt),
    endedAt: Date.parse(endedAt),
    imputedMs: 0,
  })),
};

export interface Stage {
  sessions: ViewingRow[];
  programmes: GuideProgramme[];
  /** Measured windows by service, epoch ms; a service without is measured always. */
  measured: Record<string, { from: number; to: number }[]>;
  universe: number;
  revision: string;
  dataRevision: string;
  weightOf(viewer: number): number;
  now: number;
}

/** Two services: 01 of provider acme, 02 of provider other. */
export function stage(changes: Partial<Stage> = {}): RatingsDeps {
  const { sessions = fixture.sessions, programmes = fixture.programmes, measured = {}, universe = 10 } = changes;
  return {
    readViewing: ({ from, to }) => sourceOf(sessions.filter((row) => row.startedAt < to && row.endedAt > from)),
    dataRevision: async () => changes.dataRevision ?? '1',
    guide: {
      listServices: async () => [
        { id: '01', name: 'One', provider: 'acme' },
        { id: '02', name: 'Two', provider: 'other' },
      ],
      listProgrammes: async ({ from, to }) => programmes.filter((one) => one.startAt < to && one.stopAt > from),
      measuredWithin: (service, from, to) => measured[service] ?? [{ from, to }],
      revision: async () => changes.revision ?? '7',
    },
    people: {
      async read() {
        const people: Universe = { weight: universe, users: universe, effectiveSize: universe, isSample: false };
        return {
          universe: people,
          weightOf: changes.weightOf ?? (() => 1),
          segmentation: async () => ({
            names: ['north', 'south'],
            universes: [universe / 2, universe / 2],
            segmentOf: (viewer) => viewer % 2,
          }),
        };
      },
    },
    clock: () => changes.now ?? Date.parse('2007-09-01T00:00:00Z'),
    rules: DEFAULT_RULES,
    retentionMs: 30 * 86_400_000,
  };
}

export async function problemCode(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
  return 'none';
}
