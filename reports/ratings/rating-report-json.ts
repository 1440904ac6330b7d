// A rating report as JSON: {"criteria", "items", "total"}, by the names of TV Data Exchange where it has one (ratings R14).

import { fieldsOf, HEADER_COLUMNS, type RatingReport, type RatingRow, ROW_COLUMNS } from './rating-report.ts';

/** The document; the same fields, in the same order and rounding, as the XML and the CSV. */
export function writeRatingReportJson({ criteria, items, total }: RatingReport): string {
  const rowOf = (row: RatingRow): object => Object.fromEntries(fieldsOf(row, ROW_COLUMNS, 'exchange'));
  return JSON.stringify({
    criteria: Object.fromEntries(fieldsOf(criteria, HEADER_COLUMNS, 'exchange')),
    items: items.map(rowOf),
    ...(total === undefined ? {} : { total: rowOf(total) }),
  });
}
