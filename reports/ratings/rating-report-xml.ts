// A rating report as XML, valid by schemas/RatingReport.xsd (ratings R14).

import { create } from 'xmlbuilder2';
import {
  fieldsOf,
  HEADER_COLUMNS,
  type RatingReport,
  type RatingRow,
  ROW_COLUMNS,
  type Shown,
} from './rating-report.ts';

/** The document; fields are attributes, and one that isn't defined is absent. Characters that XML forbids are left out. */
export function writeRatingReportXml(report: RatingReport): string {
  const document = create({ version: '1.0', encoding: 'UTF-8', invalidCharReplacement: '' });
  const root = document.ele('urn:pocketmeter:rating-report:1', 'RatingReport');
  root.ele('Criteria', attributes(fieldsOf(report.criteria, HEADER_COLUMNS)));
  const add = (name: string, row: RatingRow): void => {
    root.ele(name, attributes(fieldsOf(row, ROW_COLUMNS)));
  };
  for (const row of report.items) add('Row', row);
  if (report.total !== undefined) add('Total', report.total);
  return document.end();
}

function attributes(fields: readonly [string, Shown][]): Record<string, string> {
  return Object.fromEntries(fields.map(([key, value]) => [key, String(value)]));
}
