// Sessions as Stat records in XML, CSV and JSON (V13).

import { expect } from 'chai';
import { createXsdValidator } from '../../../schemas/xsd-validator.ts';
import { type SessionRow, statJson, writeStatCsv, writeStatXml } from '../../../server/viewing/stat-formats.ts';

const validator = createXsdValidator(new URL('../../../schemas/Stat.xsd', import.meta.url));
const START = Date.UTC(2007, 6, 20, 20, 31, 22);
const ROW: SessionRow = {
  user: 'abc',
  viewer: 7,
  device: 8,
  service: '01',
  programme: '11',
  startedAt: START,
  endedAt: START + 90_500,
  flags: ['switched', 'capped'],
  imputedMs: 30_000,
};
const { user: _, endedAt: __, ...rest } = ROW;
const OPEN: SessionRow = { ...rest, flags: [], imputedMs: 0 };
const BACKWARDS: SessionRow = {
  ...ROW,
  user: '=1+1',
  service: 'a,"b"',
  endedAt: START - 1_000,
  quarantine: 'ends_before_start',
};

describe('Stat records', () => {
  it('V13: as XML, valid by Stat.xsd', () => {
    const xml = writeStatXml([ROW, OPEN, BACKWARDS, { ...ROW, user: 'a<b&\u0001', imputedMs: 0 }]);
    expect(validator.readValid(Buffer.from(xml), (root) => root.name)).to.equal('Stats');
    expect(xml).to.contain(
      '  <Stat viewer="7" device="8" flags="switched capped" imputedSeconds="30">\n    <User_ID>abc</User_ID>\n' +
        '    <Service_ID>01</Service_ID>\n    <Program_ID>11</Program_ID>\n    <StartTime>2007-07-20T20:31:22.000Z</StartTime>\n' +
        '    <EndTime>2007-07-20T20:32:52.500Z</EndTime>\n    <Time>90.5</Time>\n  </Stat>\n',
    );
  });

  it('V13: an empty list is valid', () => {
    expect(validator.readValid(Buffer.from(writeStatXml([])), (root) => root.name)).to.equal('Stats');
  });

  it('V13: as CSV, with CRLF, quotes where needed, and no formulas', () => {
    expect(writeStatCsv([ROW, OPEN, BACKWARDS])).to.equal(
      'user,device,service,programme,startedAt,endedAt,seconds,flags,imputedSeconds\r\n' +
        'abc,8,01,11,2007-07-20T20:31:22.000Z,2007-07-20T20:32:52.500Z,90.5,switched capped,30\r\n' +
        ',8,01,11,2007-07-20T20:31:22.000Z,,,,0\r\n' +
        '\'=1+1,8,"a,""b""",11,2007-07-20T20:31:22.000Z,2007-07-20T20:31:21.000Z,-1,switched capped ends_before_start,30\r\n',
    );
  });

  it('V13: as JSON, absent what is not known', () => {
    expect(statJson(OPEN)).to.deep.equal({
      viewer: 7,
      device: 8,
      service: '01',
      programme: '11',
      startedAt: '2007-07-20T20:31:22.000Z',
      flags: [],
      imputedSeconds: 0,
    });
    expect(statJson(ROW)).to.include({
      user: 'abc',
      endedAt: '2007-07-20T20:32:52.500Z',
      seconds: 90.5,
      imputedSeconds: 30,
    });
  });
});
