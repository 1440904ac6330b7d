// The jobs over HTTP: what there is, how it went, run one now (R15).

import { setTimeout as sleep } from 'node:timers/promises';
import express, { type Router } from 'express';
import { callerOf, type Guard } from './http/caller.ts';
import { readInstant, readLimit } from './http/query.ts';
import type { JobRun } from './job-store.ts';
import type { JobState, Jobs } from './jobs.ts';

const ANSWER_WITHIN_MS = 1_000; // a short job is answered with its end, a long one with its beginning

/** GET /jobs, GET and POST /jobs/{name}/runs; POST takes `dueAt` to make up for a due time. */
export function jobsRouter({ jobs, guard }: { jobs: Jobs; guard: Guard }): Router {
  const router = express.Router();

  router.get('/jobs', guard('operator', 'administrator'), async (_request, response) => {
    response.json({ items: (await jobs.list()).map(shownJob) });
  });

  router.get('/jobs/:name/runs', guard('operator', 'administrator'), async (request, response) => {
    const limit = readLimit(request.query);
    const before = readInstant(request.query, 'after');
    const name = String(request.params.name);
    const runs = await jobs.listRuns(name, { limit, ...(before === undefined ? {} : { before }) });
    const last = runs.length === limit ? runs.at(-1) : undefined;
    response.json({ items: runs.map(shownRun), ...(last === undefined ? {} : { next: iso(last.dueAt) }) });
  });

  router.post('/jobs/:name/runs', guard('administrator'), async (request, response) => {
    const dueAt = readInstant(request.query, 'dueAt');
    const { run, ended } = await jobs.runNow(String(request.params.name), callerOf(response).user, dueAt);
    const done = await Promise.race([ended, sleep(ANSWER_WITHIN_MS, undefined, { ref: false })]);
    response.status(done === undefined ? 202 : 200).json(shownRun(done ?? run));
  });

  return router;
}

const iso = (at: number): string => new Date(at).toISOString();

function shownJob({ nextDueAt, running, lastRun, ...job }: JobState) {
  return {
    ...job,
    nextDueAt: nextDueAt === undefined ? undefined : iso(nextDueAt),
    running: running && { ...running, dueAt: iso(running.dueAt), startedAt: iso(running.startedAt) },
    lastRun: lastRun && shownRun(lastRun),
  };
}

function shownRun({ name, dueAt, startedAt, endedAt, by, attempts, rows, error }: JobRun) {
  return {
    name,
    dueAt: iso(dueAt),
    startedAt: iso(startedAt),
    endedAt: endedAt === undefined ? undefined : iso(endedAt),
    by,
    attempts,
    rows,
    error,
  };
}
