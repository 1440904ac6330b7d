// The door to the feed for networks: GET /reports/resources (ratings R17).

import { hash } from 'node:crypto';
import express, { type Router } from 'express';
import type { Guard } from '../../server/http/caller.ts';
import { readText, readWhole } from '../../server/http/query.ts';
import { Problem } from '../../server/problem.ts';
import { RESOURCE_RANKS, type ResourceEntry, type ResourceFeed } from './resource-feed.ts';
import { writeResourceFeedXml } from './resource-feed-xml.ts';
import type { Resources } from './resources.ts';

const FORMATS = {
  json: { type: 'application/json; charset=utf-8', write: writeJson },
  xml: { type: 'application/xml; charset=utf-8', write: writeResourceFeedXml },
} as const;

export function resourcesRouter({ resources, guard }: { resources: Resources; guard: Guard }): Router {
  const router = express.Router();
  router.get('/reports/resources', guard('operator', 'administrator', 'business'), async (request, response) => {
    const format = readText(request.query, 'format') ?? request.accepts(['json', 'xml']);
    if (format !== 'json' && format !== 'xml') throw new Problem('unsupported', 'the feed is json or xml');
    const feed = await resources.feed(readWhole(request.query, 'limit', RESOURCE_RANKS) ?? RESOURCE_RANKS.otherwise);
    // Weak: when it was made is no difference.
    const tag = hash('sha256', format + JSON.stringify([feed.hours, feed.entries]), 'base64url').slice(0, 22);
    response.set({ 'Cache-Control': 'private, max-age=1', Vary: 'Accept', ETag: `W/"${tag}"` });
    if (request.fresh) {
      response.status(304).end();
      return;
    }
    response.setHeader('Content-Type', FORMATS[format].type);
    response.send(FORMATS[format].write(feed));
  });
  return router;
}

function writeJson({ at, hours, entries }: ResourceFeed): string {
  const isoOf = (time: number): string => new Date(time).toISOString();
  const itemOf = ({ next, ...entry }: ResourceEntry): object =>
    next === undefined ? entry : { ...entry, next: { ...next, startAt: isoOf(next.startAt) } };
  return JSON.stringify({
    at: isoOf(at),
    hours: { from: isoOf(hours.from), to: isoOf(hours.to) },
    items: entries.map(itemOf),
  });
}
