// The server's answer to reports: LogReportResult and LogReportResults (V5, claim 4), valid by schemas/LogReportResult.xsd.

import type { Problem } from '../problem.ts';
import type { Outcome } from './viewing.ts';

/** What the user's handset should fetch anew (claim 4). */
export interface NeedsUpdate {
  key: boolean;
  interaction: boolean;
  guide: boolean;
}

const NOTHING: NeedsUpdate = { key: false, interaction: false, guide: false };
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': ' ',
  '\r': ' ',
  '\t': ' ',
};

const marks = [0, 1, 2, 3, 4, 5, 6, 7].map(
  (bits) =>
    `<Key needsUpdate="${(bits & 1) > 0}"/><Interaction needsUpdate="${(bits & 2) > 0}"/><Guide needsUpdate="${(bits & 4) > 0}"/>`,
);
/** There are some fifty different answers; each is built once. */
const answers = new Map<string, string>();

/** The whole document that answers one report. */
export function writeReportAnswer(outcome: Outcome, needsUpdate: NeedsUpdate = NOTHING): string {
  const bits = bitsOf(needsUpdate);
  const name = `${outcome.result}${outcome.result === 'quarantined' ? outcome.reason : ''}${bits}`;
  let answer = answers.get(name);
  if (answer === undefined) {
    answer = `${DECLARATION}${element(outcome, '', bits)}\n`;
    answers.set(name, answer);
  }
  return answer;
}

/** The whole document that answers a batch: in the order of its reports what was done with each, or why it was refused. */
export function writeBatchAnswer(outcomes: readonly (Outcome | Problem)[], needsUpdate: NeedsUpdate = NOTHING): string {
  const bits = bitsOf(needsUpdate);
  let body = '';
  for (const [index, outcome] of outcomes.entries()) {
    body += `  ${'code' in outcome ? refused(outcome, index) : element(outcome, ` index="${index}"`, bits)}\n`;
  }
  return `${DECLARATION}<LogReportResults>\n${body}</LogReportResults>\n`;
}

function element(outcome: Outcome, index: string, bits: number): string {
  const reason = outcome.result === 'quarantined' ? ` reason="${outcome.reason}"` : '';
  return `<LogReportResult result="${outcome.result}"${reason}${index}>${marks[bits]}</LogReportResult>`;
}

function refused({ code, detail, faults }: Problem, index: number): string {
  const told = faults.map(({ line, element, rule }) => {
    const where = `${line === undefined ? '' : ` line="${line}"`}${element === undefined ? '' : ` element="${escaped(element)}"`}`;
    return `<Fault${where} rule="${escaped(rule)}"/>`;
  });
  return `<Refused index="${index}" code="${code}" detail="${escaped(detail)}">${told.join('')}</Refused>`;
}

const bitsOf = ({ key, interaction, guide }: NeedsUpdate): number =>
  (key ? 1 : 0) + (interaction ? 2 : 0) + (guide ? 4 : 0);

/** As an attribute's value; characters that XML 1.0 can't hold become spaces. */
function escaped(text: string): string {
  return (
    text
      .toWellFormed()
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, ' ')
      .replace(/[&<>"\n\r\t]/g, (character) => ESCAPES[character] ?? ' ')
  );
}
