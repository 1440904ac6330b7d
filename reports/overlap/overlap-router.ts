// The doors to what viewers watch besides: GET /reports/flow, /reports/duplication and /reports/frequency (ratings R2, R14).

import express, { type Router } from 'express';
import { callerOf, type Guard } from '../../server/http/caller.ts';
import { type Query, readInstant, readText, readTexts } from '../../server/http/query.ts';
import { Problem } from '../../server/problem.ts';
import { type CalendarRules, ownOnly, readReach, readWindow } from '../ratings/report-query.ts';
import type { OverlapCriteria, Overlaps } from './overlaps.ts';

export interface OverlapRouterDeps {
  overlaps: Overlaps;
  rules: CalendarRules;
  guard: Guard;
  clock: () => number;
}

export function overlapRouter({ overlaps, rules, guard, clock }: OverlapRouterDeps): Router {
  const router = express.Router();
  const instant = (at: number): string => new Date(at).toISOString();

  const readOverlap = (query: Query): OverlapCriteria => {
    const services = readTexts(query, 'service');
    const programme = readText(query, 'programme');
    const series = readText(query, 'series');
    return {
      ...readWindow(query, clock(), rules),
      reach: readReach(query),
      ...(services === undefined ? {} : { services }),
      ...(programme === undefined ? {} : { programme }),
      ...(series === undefined ? {} : { series }),
    };
  };

  router.get('/reports/flow', guard('provider', 'administrator'), async (request, response) => {
    const { query } = request;
    const service = readText(query, 'service');
    if (service === undefined) {
      throw new Problem('invalid', 'flow is of the programme on a service: give service', {
        faults: [{ element: 'service', rule: 'required' }],
      });
    }
    const at = readInstant(query, 'at');
    const reach = readReach(query);
    const own = ownOnly(callerOf(response));
    const { programme, leadIn, rows } = await overlaps.flow({
      service,
      ...(at === undefined ? {} : { at }),
      now: clock(),
      reach,
      ...own,
    });
    const slot = ({ id, title, startAt, stopAt }: typeof programme) => ({
      programme: id,
      title,
      startAt: instant(startAt),
      stopAt: instant(stopAt),
    });
    response.json({
      criteria: { service, reachSeconds: reach.kSeconds, reachKind: reach.kind, ...own },
      target: slot(programme),
      leadIn: slot(leadIn),
      items: rows,
    });
  });

  router.get('/reports/duplication', guard('provider', 'administrator'), async (request, response) => {
    const criteria = readOverlap(request.query);
    const own = ownOnly(callerOf(response));
    const { services, pairs } = await overlaps.duplication({ ...criteria, ...own });
    response.json({ criteria: shown(criteria, own), services, pairs });
  });

  router.get('/reports/frequency', guard('provider', 'administrator'), async (request, response) => {
    const criteria = readOverlap(request.query);
    const own = ownOnly(callerOf(response));
    const { broadcasts, universe, rows } = await overlaps.frequency({ ...criteria, ...own });
    response.json({ criteria: shown(criteria, own), broadcasts, universe, items: rows });
  });

  const shown = ({ from, to, reach, ...rest }: OverlapCriteria, own: { provider?: string }): object => ({
    from: instant(from),
    to: instant(to),
    reachSeconds: reach.kSeconds,
    reachKind: reach.kind,
    ...rest,
    ...own,
  });

  return router;
}
