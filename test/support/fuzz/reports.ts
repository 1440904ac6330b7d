// What must hold of any bytes that are sent as a report or a batch of them (V1, V11, V18; O11).

import { expect } from 'chai';
import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import { diag } from 'libxml2-wasm';
import { Problem } from '../../../server/problem.ts';
import type { LogReport } from '../../../server/viewing/report.ts';
import { createReportReader, type ReadDocument, unpackDocument } from '../../../server/viewing/report-document.ts';
import type { FuzzRuns } from './fuzz-runs.ts';
import { BATCHES, mutated, SINGLES } from './mutated-documents.ts';
import { readBySaxes } from './saxes-reading.ts';

const seal = (text: string): string => Buffer.from(text).toString('base64');
const open = (sealed: string): string => Buffer.from(sealed, 'base64').toString();

/** A reader that recognises what it has seen, and one whose templates are never stored: the validator alone. */
function createReaders() {
  const templates = new Map<number, string>();
  const fast = createReportReader({ seal, onTemplate: ({ template, text }) => void templates.set(template, text) });
  const slow = createReportReader({ seal, onTemplate: () => Promise.reject(new Error('not stored')) });
  for (const sample of SINGLES) outcomeOf(() => fast.readReport(sample));
  const unpack = ({ report: { extension, ...report }, document }: ReadDocument): string =>
    unpackDocument(document, { ...extension, ...report }, templates.get(document.template), open);
  return { fast, slow, unpack };
}

/** The result, or the Problem; anything else that is thrown goes through. */
function outcomeOf<T>(work: () => T): { value: T } | { problem: Problem } {
  try {
    return { value: work() };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    expect(['invalid', 'unsupported']).to.include(problem.code);
    return { problem };
  }
}

/** Where libxml2 and saxes differ, and both may: what the one takes and the other does not. */
const EXPLAINED = {
  // XML 1.0, production 26 wants a digit after the point; libxml2 does without.
  onlyLibxml2: /version number must match/,
  // Namespaces in XML 2.2 wants a URI reference, and leaves it to the parser whether to look; saxes does not. XML 1.0, production
  // 16 wants white space after a target; saxes takes `<?x?y?>`.
  onlySaxes: /is not a valid URI|ParsePI: PI \S+ space expected/,
};

function crossCheck(text: string, outcome: { value: ReadDocument } | { problem: Problem }): void {
  const other = readBySaxes(text);
  if ('value' in outcome) {
    expect(XMLValidator.validate(text), 'fast-xml-parser refuses what is accepted').to.equal(true);
    if ('fault' in other) expect(other.fault, 'saxes refuses what is accepted').to.match(EXPLAINED.onlyLibxml2);
    else expect(other.report, 'saxes reads something else').to.deep.equal(outcome.value.report);
    return;
  }
  const { detail, faults } = outcome.problem;
  if (detail === 'the body is not well-formed XML' && !('fault' in other))
    expect(faults.map(({ rule }) => rule).join('\n'), 'saxes accepts what is not well-formed').to.match(
      EXPLAINED.onlySaxes,
    );
}

/** Single reports: both readers agree with each other and with other parsers, and what is kept is what came. */
export function fuzzReports(runs: FuzzRuns): { accepted: number; templated: number } {
  const { fast, slow, unpack } = createReaders();
  const seen = { accepted: 0, templated: 0 };
  const check = (bytes: Buffer): void => {
    const outcome = outcomeOf(() => fast.readReport(bytes));
    const validated = outcomeOf(() => slow.readReport(bytes));
    crossCheck(bytes.toString(), outcome);
    if ('problem' in outcome) {
      expect('problem' in validated && validated.problem).to.include({
        code: outcome.problem.code,
        detail: outcome.problem.detail,
      });
      return;
    }
    seen.accepted += 1;
    if (outcome.value.document.template > 0) seen.templated += 1;
    expect(reportOf(validated)).to.deep.equal(outcome.value.report);
    expect(Buffer.from(unpack(outcome.value)).equals(bytes), 'what is kept is not what came').to.equal(true);
  };
  fc.assert(fc.property(mutated(SINGLES), check), runs);
  return seen;
}

/** Batches: each report by itself, kept as it stands in the batch, and meaning what it would mean alone. */
export function fuzzBatches(runs: FuzzRuns): { reports: number; refused: number } {
  const { fast, slow, unpack } = createReaders();
  const seen = { reports: 0, refused: 0 };
  const check = (bytes: Buffer): void => {
    const outcome = outcomeOf(() => fast.readBatch(bytes));
    if ('problem' in outcome) return;
    const text = bytes.toString();
    let at = 0;
    for (const item of outcome.value.items) {
      if ('problem' in item) {
        expect(item.problem).to.be.instanceOf(Problem);
        seen.refused += 1;
        continue;
      }
      seen.reports += 1;
      const kept = unpack(item);
      const found = text.indexOf(kept, at);
      expect(found, 'what is kept does not stand in the batch, in order').to.be.at.least(0);
      at = found + kept.length;
      const alone = outcomeOf(() => slow.readReport(Buffer.from(kept)));
      // A prefix that the batch declares is not declared in the piece alone.
      if ('value' in alone) expect(alone.value.report).to.deep.equal(item.report);
    }
  };
  fc.assert(fc.property(mutated(BATCHES), check), runs);
  return seen;
}

/** Every document is given back to the parser's memory, whatever came of it; the parser's memory does not grow. */
export function fuzzMemory(runs: FuzzRuns): void {
  const { slow } = createReaders();
  const property = fc.property(mutated([...SINGLES, ...BATCHES]), (bytes) => {
    outcomeOf(() => slow.readReport(bytes));
    outcomeOf(() => slow.readBatch(bytes));
  });
  diag.configure({ enabled: true });
  fc.assert(property, runs);
  const before = process.memoryUsage().external;
  fc.assert(property, runs);
  const grownBytes = process.memoryUsage().external - before;
  const left: unknown = diag.report();
  diag.configure({ enabled: false });
  expect(left, 'documents were not disposed').to.deep.equal({});
  expect(grownBytes).to.be.below(4 * 2 ** 20); // its heap grows by more at a time; buffers of the last documents are less
}

function reportOf(outcome: { value: ReadDocument } | { problem: Problem }): LogReport | undefined {
  return 'value' in outcome ? outcome.value.report : undefined;
}
