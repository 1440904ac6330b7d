// A rating report as CSV (RFC 4180; ratings R14): one header line, CRLF, the criteria on every row so that it is citable.

import { stringify } from 'csv-stringify/sync';
import { fieldsOf, HEADER_COLUMNS, type RatingReport, ROW_COLUMNS } from './rating-report.ts';

/**
 * The document. Column `row` says `item` or `total`; criteria columns are named `criteria.…`. A text that a spreadsheet
 * would run as a formula gets a quote before it.
 */
export function writeRatingReportCsv(report: RatingReport): string {
  const criteria = fieldsOf(report.criteria, HEADER_COLUMNS).map(([key, value]) => [`criteria.${key}`, value] as const);
  const rows = report.items.map((row) => ({ row: 'item', fields: fieldsOf(row, ROW_COLUMNS) }));
  if (report.total !== undefined) rows.push({ row: 'total', fields: fieldsOf(report.total, ROW_COLUMNS) });
  return stringify(
    rows.map(({ row, fields }) => Object.fromEntries([['row', row], ...fields, ...criteria])),
    {
      header: true,
      columns: ['row', ...ROW_COLUMNS.map(([key]) => key), ...HEADER_COLUMNS.map(([key]) => `criteria.${key}`)],
      record_delimiter: 'windows',
      escape_formulas: true,
      cast: { boolean: String },
    },
  );
}
