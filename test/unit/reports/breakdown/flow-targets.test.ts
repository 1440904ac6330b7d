// The quarter-hours that flow is measured between (ratings R2).

import { expect } from 'chai';
import { flowTargets } from '../../../../reports/breakdown/flow-targets.ts';
import type { Target } from '../../../../reports/figures/target.ts';
import { Problem } from '../../../../server/problem.ts';

const slot = (start: string, stop: string): { startAt: number; stopAt: number } => ({
  startAt: Date.parse(`2026-07-01T${start}Z`),
  stopAt: Date.parse(`2026-07-01T${stop}Z`),
});
const clock = (second: number): string => new Date(second * 1000).toISOString().slice(11, 16);

const spanOf = ({ lanes }: Target): string =>
  lanes
    .map(({ service, parts }) => [service, ...parts.map(({ from, to }) => `${clock(from)}-${clock(to)}`)].join(' '))
    .join();

describe('flow targets', () => {
  for (const [why, leadIn, programme, before, after] of [
    [
      'the last quarter-hour and the first',
      slot('19:00', '20:00'),
      slot('20:00', '21:00'),
      '19:45-20:00',
      '20:00-20:15',
    ],
    ['all of shorter slots', slot('19:50', '20:00'), slot('20:00', '20:05'), '19:50-20:00', '20:00-20:05'],
    ['a lead-in that the programme cuts', slot('19:00', '20:30'), slot('20:00', '21:00'), '19:45-20:00', '20:00-20:15'],
    ['a lead-in that ended earlier', slot('19:00', '19:40'), slot('20:00', '21:00'), '19:25-19:40', '20:00-20:15'],
  ] as const)
    it(`R2: on every service, ${why}`, () => {
      const told = flowTargets({ programme, leadIn, services: ['a', 'b'] }).map((flow) =>
        [flow.service, ...[flow.before, flow.after].map(spanOf)].join(' '),
      );
      expect(told).to.deep.equal([`a a ${before} a ${after}`, `b b ${before} b ${after}`]);
    });

  it('R2: refuses a lead-in that begins no earlier than the programme', () => {
    expect(() => flowTargets({ programme: slot('20:00', '21:00'), leadIn: slot('20:00', '20:30'), services: ['a'] }))
      .to.throw(Problem)
      .with.property('code', 'invalid');
  });
});
