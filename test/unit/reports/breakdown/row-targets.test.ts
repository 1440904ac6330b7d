// The rows of reports by content and time, and what their figures are asked of (ratings R1-R3, R7).

import { expect } from 'chai';
import fc from 'fast-check';
import {
  type Breakdown,
  type Content,
  readBreakdown,
  TIME_DIMENSIONS,
} from '../../../../reports/breakdown/breakdown.ts';
import type { GuideProgramme, GuideService } from '../../../../reports/breakdown/broadcasts.ts';
import { type RowsAsked, type RowTarget, targetsOf } from '../../../../reports/breakdown/row-targets.ts';
import { lengthOf } from '../../../../reports/figures/spans.ts';
import { Problem } from '../../../../server/problem.ts';
import { zoneNamed } from '../../../../sg/zone-time.ts';

const DAY = '2026-07-01';
const at = (time: string): number => Date.parse(`${time.length > 5 ? time : `${DAY}T${time}`}Z`);
const from = (time: string): number => at(time) / 1000;

const SERVICES: GuideService[] = [
  { id: 'b', name: 'Second', provider: 'zeta', genre: 'Sport' },
  { id: 'a', name: 'First', provider: 'acme' },
  { id: 'c', name: 'Third', provider: 'zeta' },
];

type Details = Partial<GuideProgramme>;
const programme = (service: string, id: string, start: string, stop: string, details: Details = {}): GuideProgramme => {
  return { id, service, title: id.toUpperCase(), startAt: at(start), stopAt: at(stop), ...details };
};

const SCHEDULE: GuideProgramme[] = [
  programme('a', 'news', '19:00', '19:30', { categories: ['News'] }),
  programme('a', 'film', '19:30', '21:00', {
    categories: ['Film', 'Crime', 'Film'],
    breaks: [{ from: at('20:00'), to: at('20:10') }],
  }),
  programme('a', 'show1', '21:00', '22:00', { series: 'show', episode: '1' }),
  programme('b', 'match', '19:10', '20:10'),
  programme('b', 'show2', '21:30', '22:00', { series: 'show', episode: '2', categories: ['Crime'] }),
  programme('b', 'repeat', '20:10', '20:40', { series: 'show', episode: '1', categories: [] }),
  programme('c', 'news', '20:00', '20:15', { categories: ['News'] }),
  programme('x', 'lost', '19:00', '20:00'), // its service is in no row
];

function rowsOf(by: string | Breakdown, asked: Partial<RowsAsked> = {}): RowTarget[] {
  return targetsOf({
    breakdown: typeof by === 'string' ? readBreakdown(by) : by,
    window: { from: from('19:00'), to: from('22:00') },
    zone: zoneNamed(undefined, 'UTC'),
    dayStartHour: 2,
    services: SERVICES,
    programmes: SCHEDULE,
    ...asked,
  });
}

const clock = (second: number): string => new Date(second * 1000).toISOString().slice(11, 16);

/** `a 19:30-20:00#0 20:10-21:00#0`, a service in a text. */
const lanesOf = ({ target }: RowTarget): string[] =>
  target.lanes.map(({ service, parts }) =>
    [service, ...parts.map((part) => `${clock(part.from)}-${clock(part.to)}#${part.broadcast}`)].join(' '),
  );

const named = (row: RowTarget | undefined): string =>
  Object.entries(row?.key ?? {})
    .map(([name, value]) => `${name}=${name.endsWith('At') ? clock(Number(value) / 1000) : value}`)
    .join(' ');

describe('row targets', () => {
  it('R3: services in guide order, breaks and all, whether anything is on or not', () => {
    const rows = rowsOf('service', { programmes: [] });
    expect(rows.map(named)).to.deep.equal([
      'service=b serviceName=Second',
      'service=a serviceName=First',
      'service=c serviceName=Third',
    ]);
    expect(rows.map(lanesOf)).to.deep.equal([['b 19:00-22:00#0'], ['a 19:00-22:00#0'], ['c 19:00-22:00#0']]);
    expect(rows.map(({ target }) => target.extent)).to.deep.equal(['union', 'union', 'union']);
  });

  it('R3: all services together, and those of a provider', () => {
    expect(rowsOf('').map((row) => [named(row), ...lanesOf(row)])).to.deep.equal([
      ['', 'b 19:00-22:00#0', 'a 19:00-22:00#0', 'c 19:00-22:00#0'],
    ]);
    const services = [...SERVICES, { id: 'd', name: 'Fourth' }];
    expect(rowsOf('provider', { services }).map((row) => [named(row), ...lanesOf(row)])).to.deep.equal([
      ['provider=Unknown', 'd 19:00-22:00#0'],
      ['provider=acme', 'a 19:00-22:00#0'],
      ['provider=zeta', 'b 19:00-22:00#0', 'c 19:00-22:00#0'],
    ]);
    expect(rowsOf('provider')[0]?.target.extent).to.equal('union');
  });

  it('R2: a programme is its whole slot less its breaks, on one service, by service and time', () => {
    const rows = rowsOf('programme', { window: { from: from('19:20'), to: from('21:30') } });
    expect(rows.map((row) => [named(row), ...lanesOf(row)])).to.deep.equal([
      [
        'service=b serviceName=Second programme=match title=MATCH broadcasts=1 broadcastDay=2026-07-01 broadcastTime=19:10 startAt=19:10 stopAt=20:10',
        'b 19:10-20:10#0',
      ],
      [
        'service=b serviceName=Second programme=repeat title=REPEAT series=show episode=1 broadcasts=1 broadcastDay=2026-07-01 broadcastTime=20:10 startAt=20:10 stopAt=20:40',
        'b 20:10-20:40#0',
      ],
      [
        'service=a serviceName=First programme=news title=NEWS broadcasts=1 broadcastDay=2026-07-01 broadcastTime=19:00 startAt=19:00 stopAt=19:30',
        'a 19:00-19:30#0',
      ],
      [
        'service=a serviceName=First programme=film title=FILM broadcasts=1 broadcastDay=2026-07-01 broadcastTime=19:30 startAt=19:30 stopAt=21:00',
        'a 19:30-20:00#0 20:10-21:00#0',
      ],
      [
        'service=a serviceName=First programme=show1 title=SHOW1 series=show episode=1 broadcasts=1 broadcastDay=2026-07-01 broadcastTime=21:00 startAt=21:00 stopAt=22:00',
        'a 21:00-22:00#0',
      ],
      [
        'service=c serviceName=Third programme=news title=NEWS broadcasts=1 broadcastDay=2026-07-01 broadcastTime=20:00 startAt=20:00 stopAt=20:15',
        'c 20:00-20:15#0',
      ],
    ]);
  });

  it('R3: a programme after midnight is of the broadcast day before, also where the window begins later', () => {
    const late = programme('a', 'late', `${DAY}T23:30:00`, '2026-07-02T00:20:00'); // from 25:30 in Berlin
    const window = { from: from('2026-07-02T00:10:00'), to: from('2026-07-02T01:00:00') };
    const rows = rowsOf('programme', { window, programmes: [late], zone: zoneNamed(undefined, 'Europe/Berlin') });
    expect(named(rows[0])).to.match(/broadcastDay=2026-07-01 broadcastTime=25:30 startAt=23:30 stopAt=00:20$/);
  });

  it('R2: where slots overlap the later has the time; a programme with nothing left is in no row', () => {
    const programmes = [
      programme('a', 'one', '19:00', '20:00'),
      programme('a', 'two', '19:30', '20:30'),
      programme('a', 'gone', '20:30', '21:00', { breaks: [{ from: at('20:30'), to: at('21:00') }] }),
    ];
    expect(rowsOf('programme', { programmes }).map(lanesOf)).to.deep.equal([['a 19:00-19:30#0'], ['a 19:30-20:30#0']]);
  });

  it('R3: a programme by quarter-hour has rows where it has time, cut by slot and window', () => {
    const rows = rowsOf('programme,quarter-hour', { window: { from: from('19:50'), to: from('20:20') } });
    const film = rows.filter(({ key }) => key.programme === 'film');
    expect(film.map((row) => [named(row), ...lanesOf(row)])).to.deep.equal([
      [
        'service=a serviceName=First programme=film title=FILM broadcasts=1 broadcastDay=2026-07-01 broadcastTime=19:45 startAt=19:50 stopAt=20:00',
        'a 19:50-20:00#0',
      ],
      [
        'service=a serviceName=First programme=film title=FILM broadcasts=1 broadcastDay=2026-07-01 broadcastTime=20:00 startAt=20:00 stopAt=20:15',
        'a 20:10-20:15#0',
      ],
      [
        'service=a serviceName=First programme=film title=FILM broadcasts=1 broadcastDay=2026-07-01 broadcastTime=20:15 startAt=20:15 stopAt=20:20',
        'a 20:15-20:20#0',
      ],
    ]);
    const match = rows.filter(({ key }) => key.programme === 'match');
    expect(match.map(({ key }) => [key.startAt, key.stopAt])).to.deep.equal([
      [at('19:50'), at('20:00')],
      [at('20:00'), at('20:10')],
    ]);
  });

  it('R3: an episode is all its broadcasts: of one programme id, or of one series and episode', () => {
    const rows = rowsOf('episode');
    expect(rows.map((row) => [named(row), ...lanesOf(row)])).to.deep.equal([
      ['programme=match title=MATCH broadcasts=1', 'b 19:10-20:10#0'],
      ['title=REPEAT series=show episode=1 broadcasts=2', 'b 20:10-20:40#0', 'a 21:00-22:00#1'],
      ['programme=show2 title=SHOW2 series=show episode=2 broadcasts=1', 'b 21:30-22:00#0'],
      ['programme=news title=NEWS broadcasts=2', 'a 19:00-19:30#0', 'c 20:00-20:15#1'],
      ['programme=film title=FILM broadcasts=1', 'a 19:30-20:00#0 20:10-21:00#0'],
    ]);
    expect(rows.every(({ target }) => target.extent === 'sum')).to.equal(true);
  });

  it('R3: a series numbers its broadcasts; what is of no series is in no row', () => {
    expect(rowsOf('series').map((row) => [named(row), ...lanesOf(row)])).to.deep.equal([
      ['title=REPEAT series=show broadcasts=3', 'b 20:10-20:40#0 21:30-22:00#1', 'a 21:00-22:00#2'],
    ]);
  });

  it('R3: a programme of two genres is in both, one of none in that of its service, or in Unknown', () => {
    const rows = rowsOf('genre');
    expect(rows.map((row) => [named(row), ...lanesOf(row)])).to.deep.equal([
      ['genre=Crime broadcasts=2', 'b 21:30-22:00#0', 'a 19:30-20:00#1 20:10-21:00#1'],
      ['genre=Film broadcasts=1', 'a 19:30-20:00#0 20:10-21:00#0'],
      ['genre=News broadcasts=2', 'a 19:00-19:30#0', 'c 20:00-20:15#1'],
      ['genre=Sport broadcasts=2', 'b 19:10-20:10#0 20:10-20:40#1'],
      ['genre=Unknown broadcasts=1', 'a 21:00-22:00#0'],
    ]);
  });

  it('R3: broadcasts are counted and numbered in each time of their own', () => {
    const news = rowsOf('genre,hour').filter(({ key }) => key.genre === 'News');
    expect(news.map((row) => [named(row), ...lanesOf(row)])).to.deep.equal([
      [
        'genre=News broadcasts=1 broadcastDay=2026-07-01 broadcastTime=19:00 startAt=19:00 stopAt=20:00',
        'a 19:00-19:30#0',
      ],
      [
        'genre=News broadcasts=1 broadcastDay=2026-07-01 broadcastTime=20:00 startAt=20:00 stopAt=21:00',
        'c 20:00-20:15#0',
      ],
    ]);
  });

  it('R3: a service has a row in every time, content before time', () => {
    expect(rowsOf('daypart,service').map((row) => [named(row), ...lanesOf(row)])).to.deep.equal([
      ['service=b serviceName=Second daypart=prime time', 'b 19:00-22:00#0'],
      ['service=a serviceName=First daypart=prime time', 'a 19:00-22:00#0'],
      ['service=c serviceName=Third daypart=prime time', 'c 19:00-22:00#0'],
    ]);
    const hours = rowsOf('service,hour').map(({ key }) => `${key.service} ${key.broadcastTime}`);
    expect(hours).to.have.length(9);
    expect(hours.slice(0, 4)).to.deep.equal(['b 19:00', 'b 20:00', 'b 21:00', 'a 19:00']);
  });

  it('R3: dayparts of a table of one’s own', () => {
    const dayparts = [
      { name: 'night', fromHour: 20, toHour: 32 },
      { name: 'light', fromHour: 32, toHour: 44 },
    ];
    expect(rowsOf('daypart', { dayparts }).map((row) => [named(row), lanesOf(row)[0]])).to.deep.equal([
      ['daypart=night', 'b 20:00-22:00#0'],
      ['daypart=light', 'b 19:00-20:00#0'],
    ]);
  });

  it('R3: a window that hasn’t begun has a row for each service, with no time', () => {
    const window = { from: from('19:00'), to: from('19:00') };
    expect(rowsOf('service', { window }).map(lanesOf)).to.deep.equal([['b'], ['a'], ['c']]);
    expect(rowsOf('programme', { window })).to.deep.equal([]);
    expect(rowsOf('service,minute', { window })).to.deep.equal([]);
  });

  it('R7: over any time the rows of each content sum to it, and no lane has a second twice', () => {
    const seconds = (rows: readonly RowTarget[]): number =>
      rows.reduce((sum, { target }) => sum + target.lanes.reduce((all, { parts }) => all + lengthOf(parts), 0), 0);
    const bounds = fc.tuple(fc.integer({ min: -4_000, max: 12_000 }), fc.integer({ min: 1, max: 90_000 }));
    const contents = fc.constantFrom<Content>('all', 'service', 'provider', 'programme', 'episode', 'series', 'genre');
    fc.assert(
      fc.property(bounds, contents, fc.constantFrom(...TIME_DIMENSIONS), ([later, long], content, time) => {
        const window = { from: from('19:00') + later, to: from('19:00') + later + long };
        const split = rowsOf({ content, time }, { window });
        const whole =
          content === 'programme' ? rowsOf({ content: 'episode' }, { window }) : rowsOf({ content }, { window });
        expect(seconds(split)).to.equal(seconds(whole));
        if (content === 'service' || content === 'provider') expect(seconds(split)).to.equal(3 * long);
        const lanes = split.flatMap(({ target }) => target.lanes);
        const isOrdered = ({ parts }: (typeof lanes)[number]): boolean =>
          parts.length > 0 && parts.every(({ from, to }, place) => from < to && from >= (parts[place - 1]?.to ?? 0));
        expect(lanes.filter((lane) => !isOrdered(lane))).to.deep.equal([]);
      }),
      { numRuns: 150 },
    );
  });

  describe('of many services', () => {
    const services = Array.from({ length: 1_000 }, (_, index) => ({ id: `s${index}`, name: `Service ${index}` }));
    const window = { from: from('2026-07-01T02:00:00'), to: from('2026-07-02T02:00:00') };

    it('R3: the minutes of a day are summed over 1,000 of them', () => {
      const rows = rowsOf('minute', { services, window });
      expect(rows).to.have.length(1_440);
      expect(rows[1_439]?.target.lanes).to.have.length(1_000);
    });

    it('R3: a row for each of their minutes is more than a report may have', () => {
      expect(() => rowsOf('service,minute', { services, window }))
        .to.throw(Problem)
        .with.property('code', 'too_large');
    });

    it('R3: more parts than fit in memory are refused', () => {
      const week = { from: window.from, to: window.to + 6 * 86_400 };
      expect(() => rowsOf('minute', { services, window: week }))
        .to.throw(Problem, /memory/)
        .with.property('code', 'too_large');
    });
  });
});
