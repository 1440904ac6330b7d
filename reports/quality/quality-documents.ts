// The report on a day's data as JSON and as CSV: the same fields with the same values (ratings R16; RFC 4180).

import { stringify } from 'csv-stringify/sync';
import type { DayQuality } from './day-quality.ts';

/** Fit for JSON: times as ISO 8601 in UTC. */
export function qualityJson({ from, to, madeAt, through, bursts, ...rest }: DayQuality): object {
  const isoOf = (at: number): string => new Date(at).toISOString();
  return {
    ...rest,
    from: isoOf(from),
    to: isoOf(to),
    madeAt: isoOf(madeAt),
    through: isoOf(through),
    bursts: bursts.map((burst) => ({ ...burst, at: isoOf(burst.at) })),
  };
}

/** One line a value: its date, its path in the JSON (places in lists count from 1), and the value. */
export function writeQualityCsv(quality: DayQuality): string {
  const rows = pathsOf(qualityJson(quality), '').map(([measure, value]) => ({ date: quality.date, measure, value }));
  return stringify(rows, {
    header: true,
    columns: ['date', 'measure', 'value'],
    record_delimiter: 'windows',
    escape_formulas: true,
  });
}

function pathsOf(value: object, under: string): [string, string | number][] {
  return Object.entries(value).flatMap(([key, inner]): [string, string | number][] => {
    const path = under + (Array.isArray(value) ? String(Number(key) + 1) : key);
    return typeof inner === 'object' ? pathsOf(inner, `${path}.`) : [[path, inner]];
  });
}
