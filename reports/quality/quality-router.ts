// The door to the quality of a day's data: GET /reports/quality (ratings R16).

import express, { type Router } from 'express';
import type { Guard } from '../../server/http/caller.ts';
import { readText } from '../../server/http/query.ts';
import { Problem } from '../../server/problem.ts';
import type { DataQuality } from './data-quality.ts';
import { qualityJson, writeQualityCsv } from './quality-documents.ts';

export function qualityRouter({ quality, guard }: { quality: DataQuality; guard: Guard }): Router {
  const router = express.Router();
  router.get('/reports/quality', guard('administrator'), async (request, response) => {
    const format = readText(request.query, 'format') ?? request.accepts(['json', 'csv']);
    if (format !== 'json' && format !== 'csv') throw new Problem('unsupported', 'a data-quality report is json or csv');
    const report = await quality.report(readText(request.query, 'date'));
    response.setHeader('Vary', 'Accept');
    if (format === 'json') response.json(qualityJson(report));
    else response.setHeader('Content-Type', 'text/csv; charset=utf-8; header=present').send(writeQualityCsv(report));
  });
  return router;
}
