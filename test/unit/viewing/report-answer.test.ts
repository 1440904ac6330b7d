// The answers to handsets (V5), valid by their own schema.

import { expect } from 'chai';
import { createXsdValidator } from '../../../schemas/xsd-validator.ts';
import { Problem } from '../../../server/problem.ts';
import { writeBatchAnswer, writeReportAnswer } from '../../../server/viewing/report-answer.ts';
import type { Outcome } from '../../../server/viewing/viewing.ts';

const validator = createXsdValidator(new URL('../../../schemas/LogReportResult.xsd', import.meta.url));
const rootOf = (xml: string): string => validator.readValid(Buffer.from(xml), (root) => root.name);

describe('report answers', () => {
  it('V5: says what was done and, per claim 4, what needs an update', () => {
    expect(writeReportAnswer({ result: 'recorded' }, { key: true, interaction: false, guide: true })).to.equal(
      '<?xml version="1.0" encoding="UTF-8"?>\n<LogReportResult result="recorded"><Key needsUpdate="true"/>' +
        '<Interaction needsUpdate="false"/><Guide needsUpdate="true"/></LogReportResult>\n',
    );
  });

  it('V5: every answer is valid', () => {
    const outcomes: Outcome[] = [{ result: 'recorded' }, { result: 'duplicate' }, { result: 'not_measured' }];
    for (const reason of ['clock_skew', 'future', 'too_old'] as const) outcomes.push({ result: 'quarantined', reason });
    for (const outcome of outcomes) expect(rootOf(writeReportAnswer(outcome))).to.equal('LogReportResult');
    expect(writeReportAnswer({ result: 'quarantined', reason: 'future' })).to.contain(
      'result="quarantined" reason="future"',
    );
  });

  it('V3: a batch is answered per report, whatever a refusal says', () => {
    const faults = [{ line: 3, element: 'a<"&\u0001', rule: "it's\nbad" }, { rule: 'x' }];
    const xml = writeBatchAnswer([{ result: 'duplicate' }, new Problem('invalid', 'no <good>', { faults })]);
    expect(rootOf(xml)).to.equal('LogReportResults');
    expect(xml).to.contain('<LogReportResult result="duplicate" index="0">');
    expect(xml).to.contain(
      '<Refused index="1" code="invalid" detail="no &lt;good&gt;">' +
        '<Fault line="3" element="a&lt;&quot;&amp; " rule="it\'s bad"/><Fault rule="x"/></Refused>',
    );
  });
});
