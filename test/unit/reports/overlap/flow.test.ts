// Flow from the lead-in to the programme: a matrix worked by hand, any other second by second, and what a provider sees (ratings R2, R14).

import { expect } from 'chai';
import fc from 'fast-check';
import type { Target } from '../../../../reports/figures/target.ts';
import { hiddenCells } from '../../../../reports/overlap/few-overlaps.ts';
import { createFlow, retentionPercent, sourcePercent } from '../../../../reports/overlap/flow.ts';
import { problemCode } from '../ratings/stage.ts';
import {
  clock,
  END_S,
  isReached,
  overlapsOf,
  reaches,
  SERVICES,
  slot,
  tallyOf,
  viewersOf,
  viewing,
  watched,
  weightOf,
} from './stage.ts';

const programmes = [slot('lead', '01', '10:00', '11:00'), slot('film', '01', '11:00', '12:00')];
const asked = {
  service: '01',
  at: clock('11:30'),
  now: clock('15:00'),
  reach: { kSeconds: 60, kind: 'consecutive' },
} as const;

/** 10:45 to 11:00 is before, 11:00 to 11:15 after. */
const sessions = [
  watched(1, '01', '10:40', '11:30'),
  watched(2, '01', '10:50', '11:10'),
  watched(3, '01', '10:30', '10:58'), // leaves
  watched(4, '02', '10:50', '11:05'), // in two services after
  watched(4, '01', '11:05', '11:20'),
  watched(5, '02', '10:40', '11:00'),
  watched(5, '01', '11:00', '11:12'),
  watched(6, '01', '11:02', '11:40'), // turns on
  watched(7, '03', '10:45', '11:15'),
  watched(8, '01', '10:00', '10:45'), // left before
  watched(9, '01', '10:59:30', '11:00:30'), // 30 s of each
];

describe('flow', () => {
  it('R2: the matrix from and to every service and off, worked by hand', async () => {
    const { rows, programme, leadIn } = await overlapsOf({ sessions, programmes }).flow(asked);
    expect([leadIn.id, programme.id]).to.deep.equal(['lead', 'film']);
    // L = 1 2 3 on 01, 4 5 on 02, 7 on 03; F = 1 2 4 5 6 on 01, 4 on 02, 7 on 03.
    expect(rows).to.deep.equal([
      { from: '01', to: '01', viewers: 2, sourcePercent: 40, retentionPercent: 66.6667 },
      { from: '01', viewers: 1, retentionPercent: 33.3333 },
      { from: '02', to: '01', viewers: 2, sourcePercent: 40, retentionPercent: 100 },
      { from: '02', to: '02', viewers: 1, sourcePercent: 100, retentionPercent: 50 },
      { from: '03', to: '03', viewers: 1, sourcePercent: 100, retentionPercent: 100 },
      { to: '01', viewers: 1, sourcePercent: 20 },
    ]);
  });

  it('R2: people count by their weight, and those outside the universe not at all', async () => {
    const weights = (viewer: number): number => ({ 5: 3, 6: 0 })[viewer] ?? 1;
    const { rows } = await overlapsOf({ sessions, programmes, weightOf: weights }).flow(asked);
    // F on 01 = 1 + 1 + 1 + 3; L on 02 = 1 + 3
    expect(rows[2]).to.deep.equal({ from: '02', to: '01', viewers: 4, sourcePercent: 66.6667, retentionPercent: 100 });
    expect(rows.some(({ from }) => from === undefined)).to.equal(false);
  });

  it('R14: a provider sees the services of others together, and is refused theirs', async () => {
    const { rows } = await overlapsOf({ sessions, programmes }).flow({ ...asked, provider: 'acme' });
    expect(rows.map(({ from, to, viewers }) => [from, to, viewers])).to.deep.equal([
      ['01', '01', 2],
      ['01', undefined, 1],
      ['other', '01', 2],
      ['other', 'other', 1],
      ['03', '03', 1],
      [undefined, '01', 1],
    ]);
    const foreign = [...programmes, slot('a', '02', '10:00', '11:00'), slot('b', '02', '11:00', '12:00')];
    const overlaps = overlapsOf({ sessions, programmes: foreign });
    expect(await problemCode(overlaps.flow({ ...asked, service: '02', provider: 'acme' }))).to.equal('forbidden');
  });

  it('R14: what is left out is not the rest of a reach that rating reports show', async () => {
    const crowd = (first: number, count: number, ...pieces: [string, string, string][]) =>
      Array.from({ length: count }, (_, place) => pieces.map((piece) => watched(first + place, ...piece))).flat();
    const many = [
      ...crowd(100, 10, ['01', '10:40', '11:30']),
      ...crowd(200, 2, ['01', '10:40', '10:59']),
      ...crowd(300, 7, ['01', '10:40', '11:00'], ['02', '11:00', '11:30']),
      ...crowd(400, 6, ['02', '10:40', '11:00'], ['01', '11:00', '11:30']),
      ...crowd(500, 8, ['01', '11:00', '11:30']),
    ];
    const { rows } = await overlapsOf({ sessions: many, programmes, below: 5 }).flow({ ...asked, provider: 'acme' });
    // 19 watched 01 before: of 10, 7 and the 2 who left the 2 would be had from the others
    expect(rows).to.deep.equal([
      { from: '01', to: '01', viewers: 10 },
      { from: '01', to: 'other', suppressed: true },
      { from: '01', suppressed: true },
      { from: 'other', to: '01', viewers: 6 },
      { to: '01', viewers: 8 },
    ]);
  });

  it('R14: in any matrix each line has none left out, or enough people in more than one cell, or all', () => {
    const matrices = fc.array(fc.record({ from: fc.nat(3), to: fc.nat(3), people: fc.integer({ min: 1, max: 12 }) }), {
      maxLength: 16,
    });
    fc.assert(
      fc.property(matrices, (cells) => {
        const lines = [0, 1, 2].flatMap((line) => [
          cells.flatMap(({ from }, place) => (from === line ? [place] : [])),
          cells.flatMap(({ to }, place) => (to === line ? [place] : [])),
        ]);
        const hidden = hiddenCells(cells, lines, 5);
        for (const [place, { people }] of cells.entries()) if (people < 5) expect(hidden.has(place)).to.equal(true);
        for (const line of lines) {
          const out = line.filter((place) => hidden.has(place));
          const people = out.reduce((sum, place) => sum + (cells[place]?.people ?? 0), 0);
          const isSafe = out.length === 0 || out.length === line.length || (out.length > 1 && people >= 5);
          expect(isSafe).to.equal(true);
        }
        if (cells.every(({ people }) => people >= 5)) expect(hidden.size).to.equal(0);
      }),
    );
  });

  it('R2: is refused with a reason where there is no programme or none before it', async () => {
    const overlaps = overlapsOf({ sessions, programmes });
    for (const at of [clock('12:00'), clock('10:30'), clock('09:00')]) {
      expect(await problemCode(overlaps.flow({ ...asked, at })), String(at)).to.equal('not_found');
    }
    const { at: _, ...latest } = asked;
    expect((await overlaps.flow(latest)).programme.id).to.equal('film');
  });

  it('R2: has no rows when nobody watches', async () => {
    expect((await overlapsOf({ sessions: [], programmes }).flow(asked)).rows).to.deep.equal([]);
    expect(sourcePercent(0, 0)).to.equal(undefined);
    expect(retentionPercent(0, 0)).to.equal(undefined);
  });

  it('R2: agrees with a second-by-second count; rows of F sum to F or, of who watched two, to more', () => {
    const [before, after] = [
      { from: 0, to: END_S / 2 },
      { from: END_S / 2, to: END_S },
    ];
    const targets = [before, after].flatMap((span) =>
      SERVICES.map((service): Target => {
        return { lanes: [{ service, parts: [{ ...span, broadcast: 0 }] }], extent: 'union' };
      }),
    );
    fc.assert(
      fc.property(viewing, reaches, (rows, reach) => {
        const flow = createFlow(SERVICES.length);
        tallyOf(rows, targets, reach, flow.watch);
        const expected = new Map<string, number>();
        const reached = { before: [0, 0, 0], after: [0, 0, 0] };
        for (const viewer of viewersOf(rows)) {
          const on = (span: typeof before): number[] =>
            SERVICES.flatMap((service, place) => (isReached(rows, viewer, service, span, reach) ? [place] : []));
          const [from, to] = [on(before), on(after)];
          const weight = weightOf(viewer);
          if (weight === 0 || from.length + to.length === 0) continue;
          for (const place of from) reached.before[place] = (reached.before[place] ?? 0) + weight;
          for (const place of to) reached.after[place] = (reached.after[place] ?? 0) + weight;
          for (const one of from.length === 0 ? ['off'] : from)
            for (const other of to.length === 0 ? ['off'] : to)
              expected.set(`${one} ${other}`, (expected.get(`${one} ${other}`) ?? 0) + weight);
        }
        const found = flow.read();
        const cells = found.cells.map(({ from = 'off', to = 'off', viewers }) => [`${from} ${to}`, viewers] as const);
        expect(new Map(cells)).to.deep.equal(expected);
        expect({ before: found.before, after: found.after }).to.deep.equal(reached);
        for (const [place, viewers] of found.after.entries()) {
          const sum = found.cells.filter(({ to }) => to === place).reduce((all, cell) => all + cell.viewers, 0);
          expect(sum).to.be.at.least(viewers);
        }
      }),
      { numRuns: 40 },
    );
  });
});
