// The words after a command: values that are checked before anything is done (exit code 2), and examples in its help.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Breakdown, readBreakdown } from '../../reports/breakdown/breakdown.ts';
import { readInstant } from '../http/query.ts';
import { Problem } from '../problem.ts';

const DAY_MS = 24 * 3_600_000;

/** For options whose value is a time: epoch ms. */
export function instant(text: string): number {
  try {
    return readInstant({ time: text }, 'time') ?? Number.NaN;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new InvalidArgumentError('It is a time such as 2026-03-01T18:00:00Z, or a date.');
  }
}

/** For options whose value says what rows are of. */
export function breakdown(text: string): Breakdown {
  try {
    return readBreakdown(text);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new InvalidArgumentError(`${error.detail}.`);
  }
}

/** For options whose value is a whole number within bounds. */
export const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
    return value;
  };

/** For options whose value is a number within bounds. */
export const between =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^[\d.]+$/.test(text) || !(value >= least && value <= most))
      throw new InvalidArgumentError(`It is a number from ${least} to ${most}.`);
    return value;
  };

/** An option that is one of some words. */
export const oneOf = (flags: string, told: string, choices: readonly string[]): Option =>
  new Option(flags, told).choices(choices);

/** Adds --from and --to. */
export const withWindow = (command: Command, from: string, to: string): Command =>
  command
    .option('--from <time>', `ISO 8601; default: ${from}`, instant)
    .option('--to <time>', `ISO 8601; default: ${to}`, instant);

/** [from, to) in epoch ms; without --from the day before --to. */
export function windowOf(options: { from?: number; to?: number }, defaults: { from?: number; to: number }) {
  const to = options.to ?? defaults.to;
  const from = options.from ?? defaults.from ?? to - DAY_MS;
  if (from >= to) throw new Problem('invalid', '--from must be before --to');
  return { from, to };
}

/** Puts examples at the end of a command's help, each as one would type it after `npm run -s cli --`. */
export const examples = (command: Command, ...lines: string[]): Command =>
  command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ npm run -s cli -- ${line}`).join('\n')}`);
