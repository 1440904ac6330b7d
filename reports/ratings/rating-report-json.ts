// A rating report as JSON: {"criteria", "items", "total"} (ratings R14).

import { fieldsOf, HEADER_COLUMNS, type RatingReport, ROW_COLUMNS } from './rating-report.ts';

/** The document; the same fields, in the same order and rounding, as the XML and the CSV. */
export function writeRatingReportJson(report: RatingReport): string {
  return JSON.stringify({
    criteria: Object.fromEntries(fieldsOf(report.criteria, HEADER_COLUMNS)),
    items: report.items.map((row) => Object.fromEntries(fieldsOf(row, ROW_COLUMNS))),
    ...(report.total === undefined ? {} : { total: Object.fromEntries(fieldsOf(report.total, ROW_COLUMNS)) }),
  });
}
