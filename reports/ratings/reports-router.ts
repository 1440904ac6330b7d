// The doors to rating figures: GET /reports/ratings and GET /reports/attention (ratings R8, R14).

import express, { type Router } from 'express';
import { type Caller, callerOf, type Guard } from '../../server/http/caller.ts';
import { type Query, readChoice, readInstant, readText, readWhole } from '../../server/http/query.ts';
import { Problem } from '../../server/problem.ts';
import type { RankedItem } from './attention.ts';
import { RANKS, REACH_BOUNDS_S } from './rating-criteria.ts';
import { writeRatingReportCsv } from './rating-report-csv.ts';
import { writeRatingReportJson } from './rating-report-json.ts';
import { writeRatingReportXml } from './rating-report-xml.ts';
import type { Ratings } from './ratings.ts';
import { DEFAULT_REACH_S } from './rules.ts';

export interface ReportsRouterDeps {
  ratings: Ratings;
  guard: Guard;
  clock: () => number;
}

const DAY_MS = 86_400_000;

const FORMATS = {
  json: { type: 'application/json; charset=utf-8', write: writeRatingReportJson },
  xml: { type: 'application/xml; charset=utf-8', write: writeRatingReportXml },
  csv: { type: 'text/csv; charset=utf-8; header=present', write: writeRatingReportCsv },
} as const;

/** Without `from` and `to` both lists are of yesterday, the last whole day in UTC; a provider gets its own services. */
export function reportsRouter({ ratings, guard, clock }: ReportsRouterDeps): Router {
  const router = express.Router();

  router.get('/reports/ratings', guard('provider', 'administrator'), async (request, response) => {
    const { query } = request;
    const format = readText(query, 'format') ?? request.accepts(['json', 'xml', 'csv']);
    if (format !== 'json' && format !== 'xml' && format !== 'csv') {
      throw new Problem('unsupported', 'a rating report is json, xml or csv');
    }
    const service = readText(query, 'service');
    const programme = readText(query, 'programme');
    const report = await ratings.rate({
      ...readWindow(query, clock()),
      ...(service === undefined ? {} : { services: [service] }),
      ...(programme === undefined ? {} : { programme }),
      by: readChoice(query, 'by', programme === undefined ? ['service', 'programme'] : ['programme']),
      base: readChoice(query, 'base', ['second', 'minute']),
      reach: {
        kSeconds: readWhole(query, 'reach', REACH_BOUNDS_S) ?? DEFAULT_REACH_S,
        kind: readChoice(query, 'kind', ['consecutive', 'cumulative']),
      },
      ...ownOnly(callerOf(response)),
    });
    response.setHeader('Vary', 'Accept');
    response.setHeader('Content-Type', FORMATS[format].type);
    response.send(FORMATS[format].write(report));
  });

  router.get('/reports/attention', guard('provider', 'administrator'), async (request, response) => {
    const { query } = request;
    const window = readWindow(query, clock());
    const of = readChoice(query, 'of', ['programme', 'service']);
    const limit = readWhole(query, 'limit', RANKS) ?? RANKS.otherwise;
    const lists = await ratings.attention({ ...window, of, limit, ...ownOnly(callerOf(response)) });
    const inOrder = (order: string, items: RankedItem[]): object[] => items.map((item) => ({ order, ...item }));
    response.json({
      criteria: { from: new Date(window.from).toISOString(), to: new Date(window.to).toISOString(), of, limit },
      items: [...inOrder('time', lists.mostWatched), ...inOrder('people', lists.mostPopular)],
    });
  });

  return router;
}

function ownOnly({ role, provider }: Caller): { provider?: string } {
  if (role === 'administrator') return {};
  if (provider === undefined) throw new Problem('forbidden', 'the account belongs to no provider');
  return { provider };
}

function readWindow(query: Query, now: number): { from: number; to: number } {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const from = readInstant(query, 'from');
  const to = readInstant(query, 'to') ?? (from === undefined ? today : from + DAY_MS);
  return { from: from ?? to - DAY_MS, to };
}
