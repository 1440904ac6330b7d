// What of a survey is told to whom, and answers as devices send them (R11, R14, O11).

import { expect } from 'chai';
import { createSurveyTally, type TalliedAnswer } from '../../../reports/surveys/survey-result.ts';
import { readAnswerJson, readAnswerXml, shownResult } from '../../../server/surveys/survey-documents.ts';

const resultOf = (answers: TalliedAnswer[]) => {
  const facts = { service: '01', asked: 9, population: 9, confidence: 0.9, timeLimitMs: 1 };
  const tally = createSurveyTally(facts);
  for (const answer of answers) tally.add(answer);
  return tally.result(true);
};

describe('surveys on the wire', () => {
  it('R14: results of fewer answers than the bound are suppressed, and comparisons of fewer', () => {
    const logged = { watching: '01', delayMs: 0, logged: true };
    const [two, three] = [resultOf([logged, logged]), resultOf([logged, logged, { delayMs: 0 }])];
    expect(shownResult(two, 3)).to.deep.equal({ suppressed: true });
    const { comparison: _, ...rest } = three;
    expect(shownResult(three, 3)).to.deep.equal({ suppressed: false, result: rest });
    expect(shownResult(three, 2)).to.deep.equal({ suppressed: false, result: three });
    expect(shownResult(resultOf([]), 0)).to.nested.include({ suppressed: false, 'result.answered': 0 });
  });

  it('R11: an empty service is none, in XML and in JSON', () => {
    const xml = (attributes: string) =>
      readAnswerXml(Buffer.from(`<SurveyAnswer xmlns="urn:pocketmeter:survey:1" ${attributes}/>`));
    const at = Date.UTC(2026, 0, 2, 3, 4, 5);
    const full = { watching: '01', at, deviceId: 'd', imsi: '46' };
    expect(xml('watching="01" at="2026-01-02T05:04:05+02:00" deviceId="d" imsi="46"')).to.deep.equal(full);
    expect(readAnswerJson({ ...full, at: '2026-01-02T03:04:05Z' })).to.deep.equal(full);
    expect([
      xml(''),
      xml('watching=""'),
      readAnswerJson({ watching: null }),
      readAnswerJson({ watching: '' }),
    ]).to.deep.equal([{}, {}, {}, {}]);
    expect(() => xml('watching="01" answer="yes"')).to.throw('Survey.xsd');
    expect(() => xml('at="yesterday"')).to.throw('Survey.xsd');
    expect(() => readAnswerJson({ watching: 'x'.repeat(201) })).to.throw('200');
  });
});
