// GET /reports/quality and the job that keeps it, over a fleet whose defects are known (R15, R16, V4, V12).

import { expect } from 'chai';
import type { DayQuality } from '../../reports/quality/day-quality.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { logReport } from '../support/reports.ts';

const MINUTE_MS = 60_000;

describe('data quality', () => {
  let world: ApiWorld;
  beforeEach(async () => {
    world = await startApiWorld({}, { ZONE: 'Europe/Berlin' }); // 19:00 there; half an hour of 01 and of 02, then the next morning
  });
  afterEach(() => world.close());

  const report = async (type: string, service: string, programme = ''): Promise<void> => {
    const body = logReport(type, 'abc', service, programme);
    expect((await world.as('abc', 'POST', '/', { body, type: 'text/xml' })).status).to.equal(200);
  };
  const quality = async (date: string): Promise<DayQuality> =>
    (await (await world.ask(`/reports/quality?date=${date}`)).json()) as DayQuality;

  it('R16: counts what the reports of the day and its sessions suffer from', async () => {
    const day = '2026-11-21';
    for (const [type, service, programme] of [
      ['LogInInfo', '02', '023'], // switched
      ['LogOutInfo', '01', ''], // mismatched
      ['LogOutInfo', '01', ''], // an orphan
      ['LogInInfo', '99', 'x'], // an unknown service
      ['LogInInfo', '01', 'x'], // an unknown programme; it stays open
    ] as const) {
      world.clock.now += MINUTE_MS;
      await report(type, service, programme);
    }
    const { reports, sessions, orphans, silence, arrival, ...rest } = await quality(day);
    expect(rest).to.include({ date: day, zone: 'Europe/Berlin', from: '2026-11-20T23:00:00.000Z' });
    expect(reports).to.deep.equal({
      received: 7,
      logIns: 5,
      logOuts: 2,
      devices: 2,
      viewers: 2,
      quarantined: { clock_skew: 0, future: 0, too_old: 0 },
    });
    expect(arrival).to.deep.include({ reports: 7 });
    expect(arrival.within[0]).to.deep.equal({ seconds: 1, percent: 100 });
    expect(sessions).to.deep.equal({
      started: 5,
      open: 2,
      flags: { switched: 2, mismatched: 1, capped: 0, cut: 0, unverified: 0 },
      quarantined: { zero_length: 0, ends_before_start: 0 },
      surfing: 0,
      unknownService: 1,
      unknownProgramme: 1,
      cappedSeconds: 0,
      imputedPercent: 0,
    });
    expect(orphans).to.deep.equal({ logOuts: 1, percent: 50 });
    expect(silence).to.deep.equal({ ofDayBefore: { devices: 2, silent: 0 }, brokenOff: 0 });
  });

  it('R15, R16: a day that is over is kept by the job, once, and stays when its reports are gone', async () => {
    world.clock.now = Date.parse('2026-11-22T01:10:00Z');
    const run = await world.products.jobs.runNow('data-quality', 'test').then(({ ended }) => ended);
    expect(run).to.include({ rows: 1 });
    const before = await quality('2026-11-21');
    expect(before).to.deep.include({ madeAt: '2026-11-22T01:10:00.000Z', through: '2026-11-21T23:00:00.000Z' });
    world.clock.now += 40 * 24 * 60 * MINUTE_MS;
    await world.products.jobs.runNow('retention', 'test').then(({ ended }) => ended);
    expect(await quality('2026-11-21')).to.deep.equal(before);
    expect((await world.ask('/reports/quality?date=2026-11-20')).status).to.equal(410);
  });

  it('O11: what is no date, or one to come, is told; CSV has one line a value', async () => {
    expect((await world.ask('/reports/quality?date=yesterday')).status).to.equal(400);
    expect((await world.ask('/reports/quality?date=2026-12-24')).status).to.equal(404);
    const csv = await world.ask('/reports/quality?date=2026-11-20', { headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).to.equal('text/csv; charset=utf-8; header=present');
    expect(await csv.text())
      .to.match(/^date,measure,value\r\n/)
      .and.to.contain('\r\n2026-11-20,reports.received,4\r\n');
  });
});
