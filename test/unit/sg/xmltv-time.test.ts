// Times of XMLTV (G2).

import { expect } from 'chai';
import { parseXmltvTime } from '../../../sg/xmltv-time.ts';

describe('times of XMLTV', () => {
  it('G2: with a zone or without, cut short from the right', () => {
    expect(parseXmltvTime('20260720220000 +0200')).to.equal(Date.UTC(2026, 6, 20, 20));
    expect(parseXmltvTime('202607202000')).to.equal(Date.UTC(2026, 6, 20, 20));
    expect(parseXmltvTime('20260720')).to.equal(Date.UTC(2026, 6, 20));
    expect(parseXmltvTime('99981231235959 -1400')).to.equal(Date.UTC(9999, 0, 1, 13, 59, 59));
  });

  it('G2: what is no time, and years that no document can tell again', () => {
    for (const text of [
      '2026',
      '20260230',
      '20260720240000',
      '20260720 CET',
      '20260720 +1500',
      '00070720',
      '99991231235959 -1400',
    ])
      expect(parseXmltvTime(text), text).to.equal(undefined);
  });
});
