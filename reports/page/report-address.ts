// The addresses of one report in its formats: what it was asked for by, its window written out (ratings R5). Pure.

import type { ReportHeader } from '../ratings/rating-report.ts';

export interface ReportAddress {
  /** Whole, for whoever cites it. */
  of(format: 'html' | 'xml' | 'csv' | 'json'): string;
  /** Relative to the page, so that it works behind any proxy. */
  linkTo(format: 'html' | 'xml' | 'csv' | 'json'): string;
}

/** Without a window a query means yesterday: later it would be another report. */
export function reportAddress(url: string, { from, to }: Pick<ReportHeader, 'from' | 'to'>): ReportAddress {
  const linkTo: ReportAddress['linkTo'] = (format) => {
    const query = new URL(url).searchParams;
    query.set('from', new Date(from).toISOString());
    query.set('to', new Date(to).toISOString());
    query.set('format', format);
    return `?${query}`;
  };
  return { linkTo, of: (format) => new URL(linkTo(format), url).href };
}
