// The doors to rating figures: GET /reports/ratings, its revisions, and GET /reports/attention (ratings R6, R8, R14).

import express, { type Router } from 'express';
import { callerOf, type Guard } from '../../server/http/caller.ts';
import { readChoice, readText, readWhole } from '../../server/http/query.ts';
import { Problem } from '../../server/problem.ts';
import { ratingPage } from '../page/rating-page.ts';
import type { Attention, RankedItem } from './attention.ts';
import type { RatingArchive } from './rating-archive.ts';
import { type AttentionCriteria, RANKS } from './rating-criteria.ts';
import { fieldsOf, KEY_COLUMNS, ROW_COLUMNS, type Shown } from './rating-report.ts';
import { writeRatingReportCsv } from './rating-report-csv.ts';
import { writeRatingReportJson } from './rating-report-json.ts';
import { writeRatingReportXml } from './rating-report-xml.ts';
import { differenceOf, type RowDifference } from './report-difference.ts';
import { type CalendarRules, ownOnly, readCriteria, readWindow } from './report-query.ts';
import { createWrittenReports } from './written-reports.ts';

export interface ReportsRouterDeps {
  archive: RatingArchive;
  listAttention(criteria: AttentionCriteria): Promise<Attention>;
  rules: CalendarRules;
  guard: Guard;
  clock: () => number;
}

const FORMATS = {
  json: { type: 'application/json; charset=utf-8', write: writeRatingReportJson },
  xml: { type: 'application/xml; charset=utf-8', write: writeRatingReportXml },
  csv: { type: 'text/csv; charset=utf-8; header=present', write: writeRatingReportCsv },
} as const;

const REVISIONS = { least: 1, most: 1_000_000 };

/** Without a window both lists are of yesterday, the last whole day in UTC; a provider gets its own services. */
export function reportsRouter({ archive, listAttention, rules, guard, clock }: ReportsRouterDeps): Router {
  const router = express.Router();
  const written = createWrittenReports((report, format: keyof typeof FORMATS) => FORMATS[format].write(report));

  router.get('/reports/ratings', guard('provider', 'administrator'), async (request, response) => {
    const { query } = request;
    const format = readText(query, 'format') ?? request.accepts(['json', 'xml', 'csv', 'html']);
    if (format !== 'json' && format !== 'xml' && format !== 'csv' && format !== 'html') {
      throw new Problem('unsupported', 'a rating report is json, xml, csv or html');
    }
    const criteria = readCriteria(query, clock(), callerOf(response), rules);
    const revision = readWhole(query, 'revision', REVISIONS);
    const report = revision === undefined ? await archive.rate(criteria) : await archive.find(criteria, revision);
    response.setHeader('Vary', 'Accept');
    if (format === 'html') {
      const page = ratingPage(report, `${request.protocol}://${request.host}${request.originalUrl}`);
      response.setHeader('Content-Security-Policy', `${page.policy}; frame-ancestors 'none'`);
      response.type('html').send(page.text);
      return;
    }
    response.setHeader('Content-Type', FORMATS[format].type);
    const { bytes, etag } = written(report, format);
    response.setHeader('ETag', etag);
    response.send(bytes);
  });

  router.get('/reports/ratings/diff', guard('provider', 'administrator'), async (request, response) => {
    const { query } = request;
    const criteria = readCriteria(query, clock(), callerOf(response), rules);
    const latest = await archive.rate(criteria);
    const toRevision = readWhole(query, 'to-revision', REVISIONS) ?? latest.criteria.revision;
    if (toRevision === undefined)
      throw new Problem('conflict', 'the window is not over: its report has no revisions yet');
    const fromRevision = readWhole(query, 'from-revision', REVISIONS) ?? Math.max(1, toRevision - 1);
    const before = await archive.find(criteria, fromRevision);
    const after = await archive.find(criteria, toRevision);
    response.json({
      criteria: {
        fromRevision,
        toRevision,
        fromHash: before.criteria.hash,
        toHash: after.criteria.hash,
        latestRevision: latest.criteria.revision,
      },
      differences: differenceOf(before, after).map(({ change, key, fields }) => ({
        change,
        ...Object.fromEntries(fieldsOf(key, KEY_COLUMNS, 'exchange')),
        fields: fields.map(changedField),
      })),
    });
  });

  router.get('/reports/attention', guard('provider', 'administrator'), async (request, response) => {
    const { query } = request;
    const window = readWindow(query, clock(), rules);
    const of = readChoice(query, 'of', ['programme', 'service']);
    const limit = readWhole(query, 'limit', RANKS) ?? RANKS.otherwise;
    const lists = await listAttention({ ...window, of, limit, ...ownOnly(callerOf(response)) });
    const inOrder = (order: string, items: RankedItem[]): object[] => items.map((item) => ({ order, ...item }));
    response.json({
      criteria: { from: new Date(window.from).toISOString(), to: new Date(window.to).toISOString(), of, limit },
      items: [...inOrder('time', lists.mostWatched), ...inOrder('people', lists.mostPopular)],
    });
  });

  return router;
}

/** By the name, and in the form, that the field has in the report. */
function changedField({ name, before, after }: RowDifference['fields'][number]): {
  name: string;
  before?: Shown;
  after?: Shown;
} {
  const fieldOf = (value: Shown | undefined) =>
    fieldsOf(value === undefined ? {} : { [name]: value }, ROW_COLUMNS, 'exchange')[0];
  const [was, is] = [fieldOf(before), fieldOf(after)];
  return {
    name: (is ?? was)?.[0] ?? name,
    ...(was === undefined ? {} : { before: was[1] }),
    ...(is === undefined ? {} : { after: is[1] }),
  };
}
