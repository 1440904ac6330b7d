// Health, readiness, metrics and jobs over HTTP (O5, O7, R15).

import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import { problemEncoder } from '../../server/http/problem-encoder.ts';
import { createJobs } from '../../server/jobs.ts';
import { jobsRouter } from '../../server/jobs-router.ts';
import { createLog } from '../../server/log.ts';
import { createMetrics } from '../../server/metrics.ts';
import { measureRequests, operationsRouter } from '../../server/operations-router.ts';
import { Problem } from '../../server/problem.ts';
import { openDatabase } from '../../server/store/sqlite/database.ts';
import { createSqliteJobStore } from '../../server/store/sqlite/job-store.ts';

const log = createLog({ level: 'silent' });

describe('operations router', () => {
  it('O5: says alive always, ready only while the store answers', async () => {
    let answers = true;
    const ready = async (): Promise<void> => {
      if (!answers) throw new Error('gone');
    };
    const app = express().use(
      operationsRouter({ metrics: createMetrics(), ready, openapi: {} }),
      problemEncoder({ log, format: 'json' }),
    );
    expect((await request(app).get('/readyz')).status).to.equal(200);
    answers = false;
    const refused = await request(app).get('/readyz');
    expect([refused.status, refused.body.code, refused.headers['retry-after']]).to.deep.equal([
      503,
      'unavailable',
      '5',
    ]);
    const alive = await request(app).get('/healthz');
    expect([alive.status, alive.text]).to.deep.equal([200, 'ok']);
  });

  it('O5: a store that hangs is not ready, within seconds', async () => {
    const ready = (): Promise<void> => new Promise(() => undefined);
    const app = express().use(
      operationsRouter({ metrics: createMetrics(), ready, openapi: {} }),
      problemEncoder({ log, format: 'json' }),
    );
    expect((await request(app).get('/readyz')).status).to.equal(503);
  });

  it('O7: counts by route pattern and status, and reads gauges when asked', async () => {
    const metrics = createMetrics();
    let waiting = 3;
    metrics.addGauge('queue_depth', 'Reports that wait', () => waiting);
    metrics.countReport('recorded');
    metrics.countReport('recorded');
    metrics.countSessions(4);
    const app = express().use(measureRequests(metrics));
    app.use(
      '/deep',
      express.Router().get('/thing/:id', (_request, response) => void response.send('x')),
    );
    app.use(operationsRouter({ metrics, ready: async () => undefined, openapi: { openapi: '3.1.0' } }));
    await request(app).get('/deep/thing/1');
    await request(app).get('/deep/thing/2');
    await request(app).get('/nothing');
    waiting = 9;
    const { text } = await request(app).get('/metrics');
    expect(text).to.contain('pocketmeter_reports_total{result="recorded"} 2\n');
    expect(text).to.contain('pocketmeter_sessions_total 4\n');
    expect(text).to.contain('pocketmeter_queue_depth 9\n');
    const count = 'pocketmeter_http_request_duration_seconds_count';
    expect(text).to.contain(`${count}{method="GET",route="/deep/thing/:id",status="200"} 2\n`);
    expect(text).to.contain(`${count}{method="GET",route="none",status="404"} 1\n`);
    expect((await request(app).get('/openapi.json')).body).to.deep.equal({ openapi: '3.1.0' });
  });
});

describe('jobs router', () => {
  it('R15: lists, runs and shows runs, page by page, for those who may', async () => {
    const database = openDatabase(':memory:');
    let now = Date.parse('2026-07-20T20:00:00Z');
    const jobs = createJobs({ store: createSqliteJobStore(database), clock: () => now, log, zone: 'UTC', holder: 'a' });
    jobs.define({ name: 'daily', schedule: '0 3 * * *', catchUp: true, run: async () => ({ rows: 7 }) });
    const guard =
      (...roles: string[]): express.RequestHandler =>
      (asked, response, next) => {
        if (!roles.includes(String(asked.headers['x-role']))) throw new Problem('forbidden', 'no');
        response.locals.caller = { user: 'ada', role: 'administrator' };
        next();
      };
    const app = express().use(jobsRouter({ jobs, guard }), problemEncoder({ log, format: 'json' }));
    const ask = (method: 'get' | 'post', path: string, role = 'administrator') =>
      request(app)[method](path).set('X-Role', role);

    const run = { name: 'daily', by: 'ada', attempts: 1, rows: 7 };
    const first = {
      ...run,
      dueAt: '2026-07-20T20:00:00.000Z',
      startedAt: '2026-07-20T20:00:00.000Z',
      endedAt: '2026-07-20T20:00:00.000Z',
    };
    const posted = await ask('post', '/jobs/daily/runs');
    expect([posted.status, posted.body]).to.deep.equal([200, first]);
    expect((await ask('post', '/jobs/daily/runs')).status).to.equal(409);
    now += 1;
    const made = await ask('post', '/jobs/daily/runs?dueAt=2026-07-19T03:00:00Z');
    expect([made.status, made.body.dueAt]).to.deep.equal([200, '2026-07-19T03:00:00.000Z']);
    expect((await ask('post', '/jobs/daily/runs', 'operator')).status).to.equal(403);
    expect((await ask('post', '/jobs/weekly/runs')).status).to.equal(404);

    const page = await ask('get', '/jobs/daily/runs?limit=1', 'operator');
    expect(page.body).to.deep.equal({ items: [first], next: first.dueAt });
    const rest = await ask('get', `/jobs/daily/runs?limit=2&after=${page.body.next}`);
    expect(rest.body.items.map((each: { dueAt: string }) => each.dueAt)).to.deep.equal(['2026-07-19T03:00:00.000Z']);
    expect(rest.body.next).to.equal(undefined);
    const listed = { name: 'daily', schedule: '0 3 * * *', zone: 'UTC', catchUp: true, lastRun: first };
    expect((await ask('get', '/jobs')).body).to.deep.equal({ items: [listed] });
    database.close();
  });
});
