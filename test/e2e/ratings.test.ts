// Rating reports of the whole server: the method's table, every breakdown in every format, days on which clocks change (R1-R8, R14).

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { createXsdValidator } from '../../schemas/xsd-validator.ts';
import { type RatedWorld, type Report, startRatedWorld, sumOf } from '../support/rated-world.ts';

const HOUR_MS = 3_600_000;
const iso = (at: number): string => new Date(at).toISOString();
const validator = createXsdValidator('schemas/RatingReport.xsd');

describe('ratings of the whole server', () => {
  let world: RatedWorld;
  afterEach(() => world.close());

  it("R7: the method's own table, from reports to figures", async () => {
    type Row = Record<string, string>;
    const table: { programmes: Row[]; sessions: Row[] } = JSON.parse(
      readFileSync('fixtures/reports/method-table.json', 'utf8'),
    );
    world = await startRatedWorld('2007-08-09T09:00:00Z');
    const users = ['01234', '02462', '55208', '49653'];
    await world.people(Object.fromEntries(users.map((user) => [user, {}])));
    for (const { id, service, startAt = '', stopAt = '' } of table.programmes)
      await world.schedule('acme', '2007-08-09', `${service} ${id} ${startAt.slice(11, 16)} ${stopAt.slice(11, 16)}`);
    const watched = table.sessions.map(({ viewer, service = '', programme = '', startedAt = '', endedAt = '' }) => ({
      ...{ user: String(viewer).padStart(5, '0'), service, programme, from: startedAt, to: endedAt },
    }));
    await world.watch(watched);
    world.clock.now += 24 * HOUR_MS;
    const { items, total, criteria } = await world.rate('date=2007-08-09&by=programme&reach=900');
    expect(criteria).to.include({ universe: 4, sessions: 4, programmesCompared: 4, programmesDisagreeing: 0 });
    expect(items).to.have.length(2);
    // 011: 10:00-12:25 = 8700 s; 95 min + 125 min = 13,200 s. 021: 12:00-12:25 = 1500 s; 20 min + 10 min = 1800 s.
    expect(items[0]).to.include({ contentId: '011', viewerSeconds: 13_200, audience: 1.5172, tvr: 37.931 });
    expect(items[0]).to.include({ share: 88, reach: 2, reachPercent: 50, completeness: 0.7586, maxAudience: 2 });
    expect(items[1]).to.include({
      contentId: '021',
      viewerSeconds: 1800,
      audience: 1.2,
      tvr: 30,
      share: 37.5,
      reach: 1,
    });
    expect(total).to.include({ viewerSeconds: 15_000, reach: 3, share: 100 });
  });

  describe('in any breakdown', () => {
    const CONTENT = ['', 'service', 'programme', 'episode', 'series', 'genre', 'provider'];
    const TIME = ['', 'minute', 'quarter-hour', 'hour', 'daypart', 'day', 'week', 'weekday'];
    const PEOPLE = ['', 'region', 'device', 'shift', 'group:age', 'group:nothing'];
    const WINDOW = 'from=2026-11-20T18:00:00Z&to=2026-11-20T19:00:00Z';
    const textOf = async (query: string, format: string): Promise<string> => {
      const answer = await world.ask(`/reports/ratings?${WINDOW}&${query}&format=${format}`);
      const text = await answer.text();
      expect(answer.status, text).to.equal(200);
      return text;
    };

    beforeEach(async () => {
      world = await startRatedWorld('2026-11-20T17:00:00Z', { RAW_RETENTION_DAYS: '1000' });
      await world.people({ a: { region: 'north', age: '18-34' }, b: { region: 'south' }, c: { age: '35-54' }, d: {} });
      const half = (service: string) => [
        `${service} news 18:00 18:20 category=news series=daily`,
        `${service} film${service} 18:20 19:00 category=film`,
      ];
      await world.schedule('acme', '2026-11-20', ...half('01'));
      await world.schedule('other', '2026-11-20', ...half('02'));
      const at = (time: string): string => `2026-11-20T${time}Z`;
      await world.watch([
        { user: 'a', service: '01', from: at('18:00:00'), to: at('18:45:30') },
        { user: 'b', service: '01', from: at('17:50:00'), to: at('18:10:00') },
        { user: 'b', service: '02', from: at('18:10:00'), to: at('18:50:10') },
        { user: 'c', service: '02', from: at('18:30:00'), to: at('19:30:00') },
      ]);
      world.clock.now += 24 * HOUR_MS;
    });

    it('R3, R7, R14: alone and together rows sum to the whole, in JSON, valid XML and CSV alike', async () => {
      const whole = 45.5 * 60 + 10 * 60 + (40 * 60 + 10) + 30 * 60;
      const together = CONTENT.flatMap((content) => [
        ...TIME.map((time) => [content, time, '']),
        ...PEOPLE.map((people) => [content, '', people]),
        ...PEOPLE.map((people, place) => [content, TIME[place + 1] ?? '', people]),
      ]);
      for (const [place, words] of together.entries()) {
        const query = `by=${words.filter((word) => word !== '').join(',') || 'all'}`;
        const { items, total } = await world.rate(`${WINDOW}&${query}`);
        expect(total?.viewerSeconds, query).to.equal(whole);
        // of a series is the news alone: 20 minutes of a, 10 and 10 of b
        expect(sumOf(items), query).to.equal(words[0] === 'series' ? 40 * 60 : whole);
        for (const item of items) {
          const isSaid = item.audience !== undefined && item.tvr !== undefined && item.share !== undefined;
          expect(isSaid || item.notAvailable !== undefined, `${query} ${JSON.stringify(item)}`).to.equal(true);
        }
        if (place % 3 > 0) continue; // 20 words by content: each comes in each format
        const root = validator.readValid(Buffer.from(await textOf(query, 'xml')), (element) => element.name);
        expect(root).to.equal('RatingReport');
        const rows: Record<string, string>[] = parse(await textOf(query, 'csv'), { columns: true });
        const [own, all] = [rows.filter(({ row }) => row === 'item'), rows.find(({ row }) => row === 'total')];
        expect(own, query).to.have.length(items.length);
        expect(
          own.reduce((sum, row) => sum + Number(row.viewerSeconds), 0),
          query,
        ).to.equal(sumOf(items));
        expect(all?.viewerSeconds).to.equal(String(whole));
      }
    });

    it('R7: what always holds, in both bases', async () => {
      for (const base of ['second', 'minute']) {
        for (const time of ['', ',minute', ',quarter-hour', ',hour']) {
          const query = `${WINDOW}&by=service${time}&reach=0&base=${base}`;
          const { items, criteria } = await world.rate(query);
          for (const one of items) {
            expect(one.audience, query).to.be.at.most(Number(one.reach));
            expect(one.reach, query).to.be.at.most(Number(criteria.universe));
            expect(one.totalViewingPercent, query).to.be.at.most(100);
            expect(Number(one.audience) * Number(one.measuredSeconds)).to.be.closeTo(Number(one.viewerSeconds), 0.5);
            expect(one.viewerSeconds).to.be.at.most(Number(one.reach) * Number(one.measuredSeconds));
          }
          for (const together of Map.groupBy(items, ({ startDateTime }) => startDateTime).values()) {
            expect(together).to.have.length(2);
            if (sumOf(together) > 0) expect(sumOf(together, 'share')).to.be.closeTo(100, 0.001);
            expect(sumOf(together, 'tvr')).to.be.closeTo(Number(together[0]?.totalViewingPercent), 0.001);
          }
        }
      }
    });

    it('R2, R3: profile and index of groups, by hand; a census has no sampling error', async () => {
      const { items, criteria } = await world.rate(`${WINDOW}&by=service,group:age`);
      expect(criteria).to.include({ basis: 'census', universe: 4 }).and.not.to.have.property('effectiveSample');
      const own = items.filter(({ channelId }) => channelId === '01');
      // a of 18-34 watched 2730 s, b who says no age 600 s: 81.982 % and 18.018 % of 3330 s
      const told = ['demo', 'universe', 'tvr', 'profilePercent', 'index', 'samplingErrorPoints'] as const;
      expect(own.map((item) => told.map((name) => item[name]))).to.deep.equal([
        ['age=18-34', 1, 75.8333, 81.982, 327.9279, undefined],
        ['age=35-54', 1, 0, 0, 0, undefined],
        ['age=Unknown', 2, 8.3333, 18.018, 36.036, undefined],
      ]);
    });

    it('R5, R14: a spreadsheet’s sums and the page’s are one, and CSV carries the hash on each line', async () => {
      const query = 'by=service,minute';
      const report = await world.rate(`${WINDOW}&${query}`);
      const rows: Record<string, string>[] = parse(await textOf(query, 'csv'), { columns: true });
      expect(new Set(rows.map((row) => row['criteria.hash']))).to.deep.equal(new Set([report.criteria.hash]));
      expect(await textOf(query, 'xml')).to.contain(`hash="${report.criteria.hash}"`);
      expect(await textOf(query, 'csv')).to.equal(await textOf(query, 'csv'));
    });

    it('R3, R18: what would be too much is refused at once', async () => {
      const answer = await world.ask(
        '/reports/ratings?from=2025-10-18T00:00:00Z&to=2026-11-20T00:00:00Z&by=all,minute',
      );
      expect(answer.status).to.equal(413);
      expect((await world.ask('/reports/ratings?date=2026-11-20&by=service,hour,region,device')).status).to.equal(400);
      expect((await world.ask('/reports/ratings?date=2026-13-20')).status).to.equal(400);
      expect((await world.ask('/reports/ratings?date=2020-11-20')).status).to.equal(410); // its viewing is gone
    });
  });

  it('R2: with weights people stand for others, and each rating says how sure it is', async () => {
    world = await startRatedWorld('2026-11-20T17:00:00Z', { RATING_WEIGHTS: 'on' });
    await world.people({ a: { weight: '2' }, b: {}, c: {} });
    await world.schedule('acme', '2026-11-20', '01 x 18:00 19:00');
    await world.watch([{ user: 'a', service: '01', from: '2026-11-20T18:00:00Z', to: '2026-11-20T19:00:00Z' }]);
    world.clock.now += HOUR_MS;
    const { items, criteria } = await world.rate(
      'from=2026-11-20T18:00:00Z&to=2026-11-20T19:00:00Z&by=programme&reach=60',
    );
    // (2 + 1 + 1)^2 / (4 + 1 + 1) = 2.6667 people; sqrt(0.5 * 0.5 / 2.6667)
    expect(criteria).to.include({ basis: 'weighted', universe: 4, effectiveSample: 2.6667 });
    expect(items[0]).to.include({ viewerSeconds: 7200, audience: 2, tvr: 50, reach: 2, samplingErrorPoints: 30.6186 });
  });

  // When clocks change, how many hours that broadcast day of 02:00 to 02:00 has, and its neighbour which has 24.
  const CHANGES: Record<string, [day: string, hours: number, changeAt: string][]> = {
    'Europe/Berlin': [
      ['2026-03-29', 23, '2026-03-29T01:00:00Z'],
      ['2026-10-25', 25, '2026-10-25T01:00:00Z'],
    ],
    'America/New_York': [
      ['2026-03-08', 23, '2026-03-08T07:00:00Z'],
      ['2026-10-31', 25, '2026-11-01T06:00:00Z'], // 02:00 is skipped back from: the day before has the hour twice
    ],
    'Australia/Lord_Howe': [
      ['2026-04-04', 24.5, '2026-04-04T15:00:00Z'],
      ['2026-10-04', 23.5, '2026-10-03T15:30:00Z'],
    ],
  };
  for (const [zone, changes] of Object.entries(CHANGES)) {
    it(`R3, R7: in ${zone} the parts of a day on which clocks change sum to the day`, async () => {
      world = await startRatedWorld('2026-03-01T00:00:00Z', { ZONE: zone, RAW_RETENTION_DAYS: '365' });
      await world.people({ a: {}, b: {} });
      await world.schedule('acme', '2026-03-01', '01 x 10:00 11:00');
      await world.schedule('other', '2026-03-01', '02 y 10:00 11:00');
      for (const [day, hours, change] of changes) {
        const changeAt = Date.parse(change);
        const minute = (at: number): string => iso(changeAt + at * 60_000);
        await world.watch([
          { user: 'a', service: '01', from: minute(-95), to: minute(70) },
          { user: 'b', service: '02', from: minute(-20), to: minute(100) },
        ]);
        world.clock.now = changeAt + 72 * HOUR_MS;
        const days = [-1, 0, 1].map((offset) => iso(Date.parse(day) + offset * 24 * HOUR_MS).slice(0, 10));
        let seen = 0;
        for (const date of days) {
          const whole = await world.rate(`date=${date}&by=service`);
          const length = date === day ? hours * 3600 : 24 * 3600;
          expect(
            whole.items.map(({ measuredSeconds }) => measuredSeconds),
            date,
          ).to.deep.equal([length, length]);
          seen += sumOf(whole.items);
          const ofMinutes = await world.rate(`date=${date}&by=service&base=minute`);
          const parts = date === day ? ['minute', 'quarter-hour', 'hour', 'daypart'] : ['hour'];
          for (const [query, all] of [
            ...parts.map((part) => [part, whole] as const),
            ['hour&base=minute', ofMinutes] as const,
          ]) {
            const parted = await world.rate(`date=${date}&by=service,${query}`);
            for (const service of ['01', '02']) {
              const of = ({ items }: Report) => items.filter(({ channelId }) => channelId === service);
              expect(sumOf(of(parted)), `${date} ${query}`).to.equal(sumOf(of(all)));
              expect(sumOf(of(parted), 'measuredSeconds'), `${date} ${query}`).to.equal(length);
            }
          }
        }
        expect(seen, day).to.equal((165 + 120) * 60);
      }
    });
  }
});
