// The lists of highest attention (ratings R8).

import { expect } from 'chai';
import { createAttentionLists } from '../../../../reports/ratings/attention-lists.ts';
import { createMeasurement } from '../../../../reports/ratings/measurement.ts';
import { DEFAULT_RULES } from '../../../../reports/ratings/rules.ts';
import type { ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { type Stage, stage } from './stage.ts';

const at = (text: string): number => Date.parse(text);
const morning = { from: at('2007-08-09T10:00:00Z'), to: at('2007-08-09T12:25:00Z') };
const session = (viewer: number, service: string, from: string, to: string): ViewingRow => ({
  ...{ viewer, device: viewer, service, programme: '', imputedMs: 0 },
  startedAt: at(from),
  endedAt: at(to),
});
const listsOf = (changes: Partial<Stage> = {}) => {
  const deps = stage(changes);
  const measurement = createMeasurement({ ...deps, dwellMs: 60_000 });
  return createAttentionLists({ measurement, listProgrammes: deps.guide.listProgrammes, rules: DEFAULT_RULES });
};

describe('attention', () => {
  it('R8: most watched by time and most popular by people, ties on one rank', async () => {
    const sessions = [
      session(1, '01', '2007-08-09T10:00:00Z', '2007-08-09T12:00:00Z'),
      session(2, '02', '2007-08-09T10:00:00Z', '2007-08-09T11:00:00Z'),
      session(3, '02', '2007-08-09T10:00:00Z', '2007-08-09T10:30:00Z'),
      session(4, '03', '2007-08-09T10:00:00Z', '2007-08-09T11:30:00Z'),
    ];
    const lists = await listsOf({ sessions })({ ...morning, of: 'service', limit: 5 });
    const ranks = (items: { rank: number; service: string }[]) => items.map(({ rank, service }) => [rank, service]);
    expect(ranks(lists.mostWatched)).to.deep.equal([
      [1, '01'],
      [2, '02'],
      [2, '03'],
    ]);
    expect(ranks(lists.mostPopular)).to.deep.equal([
      [1, '02'],
      [2, '01'],
      [2, '03'],
    ]);
    expect(lists.mostPopular[0]).to.include({ people: 2, viewerSeconds: 5400 });
    const programmes = await listsOf()({ ...morning, of: 'programme', limit: 1 });
    expect(programmes.mostWatched.map(({ programme }) => programme)).to.deep.equal(['011']);
    expect(programmes.mostPopular.map(({ programme }) => programme)).to.deep.equal(['011', '021']);
  });
});
