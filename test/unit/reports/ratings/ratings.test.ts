// Rating reports end to end: the method's table, hand-worked numbers, formats, ownership (ratings R1-R8, R14).

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'csv-parse/sync';
import { XMLParser } from 'fast-xml-parser';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { readBreakdown } from '../../../../reports/breakdown/breakdown.ts';
import type { RatingCriteria } from '../../../../reports/ratings/rating-criteria.ts';
import { writeRatingReportCsv } from '../../../../reports/ratings/rating-report-csv.ts';
import { writeRatingReportJson } from '../../../../reports/ratings/rating-report-json.ts';
import { writeRatingReportXml } from '../../../../reports/ratings/rating-report-xml.ts';
import { createRatings, type RatingsDeps } from '../../../../reports/ratings/ratings.ts';
import { DEFAULT_RULES } from '../../../../reports/ratings/rules.ts';
import type { ViewingRow } from '../../../../reports/viewing/batch-rows.ts';
import { fixture, problemCode, type Stage, stage } from './stage.ts';

const at = (text: string): number => Date.parse(text);
const morning = { from: at('2007-08-09T10:00:00Z'), to: at('2007-08-09T12:25:00Z') };
const criteria: RatingCriteria = {
  ...morning,
  by: readBreakdown('programme'),
  base: 'second',
  reach: { kSeconds: 900, kind: 'consecutive' },
};
const rate = (changes: Partial<Stage> = {}, asked: Partial<RatingCriteria> = {}, deps: Partial<RatingsDeps> = {}) =>
  createRatings({ ...stage(changes), ...deps }).rate({ ...criteria, ...asked });
const session = (viewer: number, service: string, from: string, to: string, device = viewer): ViewingRow => ({
  viewer,
  device,
  service,
  programme: '',
  startedAt: at(from),
  endedAt: at(to),
  imputedMs: 0,
});

describe('ratings', () => {
  it("R7: the method's own table, worked by hand", async () => {
    const { items, total } = await rate();
    // 011: 10:00-12:25 = 8700 s; 95 min + 125 min = 13200 s. 021: 12:00-12:25 = 1500 s; 20 min + 10 min = 1800 s.
    expect(items[0]).to.deep.equal({
      service: '01',
      serviceName: 'One',
      programme: '011',
      title: 'Programme 011',
      broadcasts: 1,
      broadcastDay: '2007-08-09',
      broadcastTime: '10:00',
      startAt: at('2007-08-09T10:00:00Z'),
      stopAt: at('2007-08-09T12:25:00Z'),
      measuredSeconds: 8700,
      ofSeconds: 8700,
      universe: 10,
      viewerSeconds: 13_200,
      averageAudience: 1.5172,
      ratingPercent: 15.1724,
      totalViewingPercent: 17.2414,
      sharePercent: 88,
      reach: 2,
      reachPercent: 20,
      secondsPerViewer: 6600,
      secondsPerHead: 1320,
      completeness: 0.7586,
      grossRatingPoints: 15.1724,
      averageFrequency: 0.7586,
      peakMinuteAt: at('2007-08-09T10:50:00Z'),
      peakMinuteAudience: 2,
      lowestMinuteAt: at('2007-08-09T10:00:00Z'),
      lowestMinuteAudience: 0,
    });
    expect(items[1]).to.include({
      viewerSeconds: 1800,
      averageAudience: 1.2,
      ratingPercent: 12,
      reach: 1,
      completeness: 1.2,
    });
    expect(items[1]).to.include({
      totalViewingPercent: 32,
      sharePercent: 37.5,
      secondsPerViewer: 1800,
      secondsPerHead: 180,
    });
    expect(total).to.include({ viewerSeconds: 15_000, totalViewingPercent: 17.2414, sharePercent: 100, reach: 3 });
  });

  it('R2: breaks are no part of a programme, and end a run', async () => {
    const breaks = [{ from: at('2007-08-09T11:00:00Z'), to: at('2007-08-09T11:10:00Z') }];
    const programmes = fixture.programmes.map((programme) => ({ ...programme, breaks }));
    const { items } = await rate({ programmes }, { reach: { kSeconds: 4600, kind: 'consecutive' } });
    expect(items[0]).to.include({ measuredSeconds: 8100, ofSeconds: 8100, viewerSeconds: 12_000, reach: 0 });
    expect(items[0]).to.not.have.any.keys('secondsPerViewer', 'completeness');
    const cumulative = await rate({ programmes }, { reach: { kSeconds: 4600, kind: 'cumulative' } });
    expect(cumulative.items[0]).to.include({ reach: 2 });
  });

  it('R4: only measured windows count, and the row says of how many seconds', async () => {
    const { items } = await rate({
      measured: { '01': [{ from: at('2007-08-09T10:30:00Z'), to: at('2007-08-09T11:00:00Z') }] },
    });
    expect(items[0]).to.include({
      measuredSeconds: 1800,
      ofSeconds: 8700,
      viewerSeconds: 2400,
      averageAudience: 1.3333,
    });
  });

  it('R2: an empty W and an empty universe leave figures undefined, never infinite', async () => {
    const unmeasured = await rate({ measured: { '01': [] } });
    expect(unmeasured.items[0]).to.include({ measuredSeconds: 0, viewerSeconds: 0 });
    expect(unmeasured.items[0]).to.not.have.any.keys('averageAudience', 'ratingPercent', 'reach', 'sharePercent');
    const empty = await rate({ universe: 0 });
    expect(empty.items[0]).to.include({ averageAudience: 1.5172, reach: 2 });
    expect(empty.items[0]).to.not.have.any.keys(
      'ratingPercent',
      'reachPercent',
      'secondsPerHead',
      'totalViewingPercent',
    );
  });

  it('R3: viewing across midnight belongs to both days', async () => {
    const sessions = [session(1, '01', '2007-08-08T23:50:00Z', '2007-08-09T00:20:00Z')];
    const day = (from: string, to: string) =>
      rate({ sessions }, { by: readBreakdown('service'), from: at(from), to: at(to) });
    expect((await day('2007-08-08', '2007-08-09')).items[0]).to.include({ viewerSeconds: 600, peakMinuteAudience: 1 });
    expect((await day('2007-08-09', '2007-08-10')).items[0]).to.include({ viewerSeconds: 1200, ofSeconds: 86_400 });
  });

  it('R3: by the minute, a clock minute goes to the service watched longest in it, a tie to the one on last', async () => {
    const sessions = [
      session(1, '01', '2007-08-09T10:00:40Z', '2007-08-09T10:02:30Z', 1),
      session(1, '02', '2007-08-09T10:02:30Z', '2007-08-09T10:05:29Z', 1),
    ];
    const { items } = await rate({ sessions }, { by: readBreakdown('service'), base: 'minute' });
    expect(items.map(({ viewerSeconds }) => viewerSeconds)).to.deep.equal([60, 180]);
  });

  it('V12: a service that the guide does not know is shown as Unknown, and counts in the market', async () => {
    const sessions = [session(1, 'x9', '2007-08-09T10:00:00Z', '2007-08-09T11:00:00Z')];
    const { items } = await rate({ sessions }, { by: readBreakdown('service') });
    expect(items[2]).to.include({ service: 'x9', serviceName: 'Unknown', viewerSeconds: 3600, sharePercent: 100 });
  });

  it('R1: counts sessions that name another programme than the schedule has', async () => {
    const sessions = fixture.sessions.map((row) => (row.viewer === 1234 ? { ...row, programme: '099' } : row));
    const { criteria: header } = await rate({ sessions });
    expect(header).to.include({ programmesCompared: 4, programmesDisagreeing: 1 });
  });

  it('R5: the header says what the figures rest on, and its hash follows criteria, rules and schedule', async () => {
    const sessions = fixture.sessions.map((row) => (row.viewer === 1234 ? { ...row, imputedMs: 1_500_000 } : row));
    const { criteria: header } = await rate({ sessions });
    expect(header).to.include({
      universe: 10,
      base: 'second',
      basis: 'census',
      reachSeconds: 900,
      reachKind: 'consecutive',
    });
    expect(header).to.include({
      dwellSeconds: 60,
      status: 'final',
      guideRevision: '7',
      rulesRevision: '3',
      suppressBelow: 0,
    });
    expect(header).to.include({ sessions: 4, imputedPercent: 10 });
    expect(header.hash).to.equal((await rate()).criteria.hash);
    expect(header.hash).to.not.equal((await rate({ revision: '8' })).criteria.hash);
    expect(header.hash).to.not.equal((await rate({}, { base: 'minute' })).criteria.hash);
  });

  it('R5: live while the window runs, preliminary until it is final after 8 days', async () => {
    const status = async (now: string) => (await rate({ now: at(now) })).criteria.status;
    expect(await status('2007-08-09T11:00:00Z')).to.equal('live');
    expect(await status('2007-08-09T12:25:00Z')).to.equal('preliminary');
    expect(await status('2007-08-17T12:25:00Z')).to.equal('final');
  });

  it('R14: XML, CSV and JSON say the same, JSON by the names of TV Data Exchange, and the XML is valid', async () => {
    const report = await rate();
    const json = JSON.parse(writeRatingReportJson(report));
    const xml = writeRatingReportXml(report);
    const schema = XmlDocument.fromBuffer(readFileSync('schemas/RatingReport.xsd'));
    const validator = XsdValidator.fromDoc(schema);
    const document = XmlDocument.fromString(xml);
    validator.validate(document);
    const broken = XmlDocument.fromString(xml.replace('by="programme"', 'by="colour"'));
    expect(() => validator.validate(broken)).to.throw(/colour/);
    for (const owned of [broken, document, validator, schema]) owned.dispose();
    const tree = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(xml).RatingReport;
    const csvText = writeRatingReportCsv(report);
    expect(csvText.split('\r\n')).to.have.length(5); // header, two programmes, total, and the end
    const csv: Record<string, string>[] = parse(csvText, { columns: true });
    const texts = (record: object): [string, string][] =>
      Object.entries(record).map(([key, value]) => [key, String(value)]);
    const fromCsv = (row: Record<string, string> | undefined, prefix: string): Record<string, string> =>
      Object.fromEntries(
        Object.entries(row ?? {})
          .filter(([key, value]) => value !== '' && key !== 'row' && key.startsWith('criteria.') === (prefix !== ''))
          .map(([key, value]) => [key.slice(prefix.length), value]),
      );
    const rows: object[] = [...tree.Row, tree.Total];
    const jsonRows: object[] = [...json.items, json.total];
    rows.forEach((row, index) => {
      expect(fromCsv(csv[index], '')).to.deep.equal(Object.fromEntries(texts(row)));
      expect(fromCsv(csv[index], 'criteria.')).to.deep.equal(Object.fromEntries(texts(tree.Criteria)));
      expect(Object.values(jsonRows[index] ?? {}).map(String)).to.deep.equal(Object.values(row));
    });
    expect(Object.values(json.criteria).map(String)).to.deep.equal(Object.values(tree.Criteria));
    expect(json.items[0]).to.include({
      channelId: '01',
      channel: 'One',
      startDateTime: '2007-08-09T10:00:00.000Z',
      audience: 1.5172,
      tvr: 15.1724,
      share: 88,
      maxAudience: 2,
      nonIntervalDurationInSeconds: 8700,
    });
  });

  it("R14: a provider gets its own services, no one else's, and no market unless policy shows it", async () => {
    const rules = { ...DEFAULT_RULES, suppressBelow: 0 };
    const report = await rate({}, { by: readBreakdown('service'), provider: 'acme' }, { rules });
    expect(report.items.map(({ service }) => service)).to.deep.equal(['01']);
    expect(report).to.not.have.property('total');
    expect(report.items[0]).to.not.have.any.keys('sharePercent', 'totalViewingPercent');
    expect(report.criteria.sessions).to.equal(2);
    expect(await problemCode(rate({}, { services: ['02'], provider: 'acme' }))).to.equal('forbidden');
    const shown = await rate(
      {},
      { by: readBreakdown('service'), provider: 'acme' },
      { rules: { ...rules, marketTotals: true } },
    );
    expect(shown.items[0]).to.include({ sharePercent: 88 });
  });

  it('R14: cells from fewer than five people are left out of a provider’s report', async () => {
    const few = await rate({}, { provider: 'acme' });
    expect(few.items[0]).to.include({ suppressed: true, measuredSeconds: 8700 });
    expect(few.items[0]).to.not.have.any.keys('viewerSeconds', 'averageAudience', 'reach', 'peakMinuteAudience');
    expect(few.criteria).to.include({ suppressBelow: 5 });
    expect(few.criteria).to.not.have.any.keys('sessions', 'imputedPercent');
  });

  it('O11: refuses a window that is empty or longer than 400 days', async () => {
    expect(await problemCode(rate({}, { from: morning.to, to: morning.to }))).to.equal('invalid');
    expect(await problemCode(rate({}, { from: 0, to: 401 * 86_400_000 }))).to.equal('invalid');
  });
});
