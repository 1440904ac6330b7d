// GET /reports/ratings and /reports/attention over HTTP (ratings R8, R14; platform O11).

import { expect } from 'chai';
import express, { type ErrorRequestHandler } from 'express';
import supertest from 'supertest';
import { createAttentionLists } from '../../../../reports/ratings/attention-lists.ts';
import { createMeasurement } from '../../../../reports/ratings/measurement.ts';
import { createRatingArchive } from '../../../../reports/ratings/rating-archive.ts';
import { createRatings } from '../../../../reports/ratings/ratings.ts';
import { reportsRouter } from '../../../../reports/ratings/reports-router.ts';
import { DEFAULT_RULES } from '../../../../reports/ratings/rules.ts';
import type { Caller } from '../../../../server/http/caller.ts';
import { Problem } from '../../../../server/problem.ts';
import { openSqliteStore } from '../../../../server/store/sqlite/open-sqlite-store.ts';
import { stage } from './stage.ts';

const WINDOW = 'from=2007-08-09T10:00:00Z&to=2007-08-09T12:25:00Z';

function client(caller: Caller) {
  const app = express();
  const deps = stage({ now: Date.parse('2007-08-10T15:00:00Z') });
  const rules = { ...DEFAULT_RULES, suppressBelow: 0 };
  const ratings = createRatings({ ...deps, rules });
  const archive = createRatingArchive({ ...deps, ratings, store: openSqliteStore(':memory:').ratingReports, rules });
  const measurement = createMeasurement({ ...deps, dwellMs: 60_000 });
  const listAttention = createAttentionLists({ measurement, listProgrammes: deps.guide.listProgrammes, rules });
  const guard =
    (...roles: Caller['role'][]): express.RequestHandler =>
    (_request, response, next) => {
      if (!roles.includes(caller.role)) throw new Problem('forbidden', 'wrong role');
      response.locals.caller = caller;
      next();
    };
  app.use(reportsRouter({ archive, listAttention, rules, guard, clock: deps.clock }));
  const refuse: ErrorRequestHandler = (error, _request, response, _next) => {
    const status = { forbidden: 403, invalid: 400, unsupported: 415 }[String(error.code)] ?? 500;
    response.status(status).json({ code: error.code, faults: error.faults });
  };
  app.use(refuse);
  return supertest(app);
}
const administrator = client({ user: 'root', role: 'administrator' });
const provider = client({ user: 'desk', role: 'provider', provider: 'acme' });

describe('reports-router', () => {
  it('R14: answers JSON by default, of yesterday in UTC', async () => {
    const { body } = await administrator.get('/reports/ratings').expect(200).expect('Content-Type', /json/);
    expect(body.criteria).to.include({
      from: '2007-08-09T00:00:00.000Z',
      to: '2007-08-10T00:00:00.000Z',
      by: 'service',
    });
    expect(body.items.map((row: { viewerSeconds: number }) => row.viewerSeconds)).to.deep.equal([13_200, 1800]);
  });

  it('R14: XML and CSV by Accept or by format', async () => {
    await administrator
      .get(`/reports/ratings?${WINDOW}`)
      .set('Accept', 'application/xml')
      .expect('Content-Type', /xml/);
    const csv = await administrator
      .get(`/reports/ratings?${WINDOW}&by=programme&format=csv`)
      .expect('Content-Type', /csv/);
    expect(csv.text).to.match(/^row,service,serviceName,/);
    await administrator.get('/reports/ratings?format=pdf').expect(415);
  });

  it('R14: a page for people by Accept, as browsers send it, or by format; nothing else may be loaded into it', async () => {
    const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
    for (const get of [
      administrator.get(`/reports/ratings?${WINDOW}`).set('Accept', browser),
      administrator.get(`/reports/ratings?${WINDOW}&format=html`),
    ]) {
      const { text, headers } = await get.expect(200).expect('Content-Type', 'text/html; charset=utf-8');
      expect(text).to.match(/^<!DOCTYPE html>/);
      expect(headers['content-security-policy']).to.match(
        /^default-src 'none'; style-src 'sha256-.*frame-ancestors 'none'$/,
      );
      expect(headers.vary).to.equal('Accept');
    }
  });

  it('R14: a provider may ask for its own services only; others are not let in at all', async () => {
    const { body } = await provider.get(`/reports/ratings?${WINDOW}`).expect(200);
    expect(body.items).to.have.length(1);
    await provider.get(`/reports/ratings?${WINDOW}&service=01`).expect(200);
    await provider.get(`/reports/ratings?${WINDOW}&service=02`).expect(403);
    await client({ user: 'op', role: 'operator' }).get('/reports/ratings').expect(403);
    await client({ user: 'x', role: 'provider' }).get('/reports/ratings').expect(403);
  });

  it('O11: a parameter that is wrong is named', async () => {
    for (const [query, element] of [
      ['by=colour', 'by'],
      ['by=service&programme=011', 'by'],
      ['reach=-1', 'reach'],
      ['from=noon', 'from'],
      ['base=hour', 'base'],
    ]) {
      const { body } = await administrator.get(`/reports/ratings?${query}`).expect(400);
      expect(body.faults[0].element).to.equal(element);
    }
  });

  it('R8: the attention lists come in both orders', async () => {
    const { body } = await administrator.get(`/reports/attention?${WINDOW}&of=service&limit=2`).expect(200);
    expect(
      body.items.map((item: { order: string; rank: number; service: string }) => [item.order, item.rank, item.service]),
    ).to.deep.equal([
      ['time', 1, '01'],
      ['time', 2, '02'],
      ['people', 1, '01'],
      ['people', 1, '02'],
    ]);
  });
});
