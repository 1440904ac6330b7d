// Preferences over HTTP: a user's own, a named user's for the staff, and bundles for providers (R12, R13).

import { type ErrorRequestHandler, type Response, Router } from 'express';
import { answerFormOf, eitherEncoder } from '../../server/http/answer-form.ts';
import { callerOf, type Guard, type Role } from '../../server/http/caller.ts';
import { readDecimal, readText } from '../../server/http/query.ts';
import { pageOf } from '../../server/http/send-page.ts';
import { Problem } from '../../server/problem.ts';
import { preferencesJson, preferencesXml } from './preference-documents.ts';
import { LIFT, type Preferences, SUPPORT_PERCENT } from './preferences.ts';

export interface PreferencesRouterDeps {
  preferences: Preferences;
  guard: Guard;
  findUser(user: string): Promise<{ viewer: number; role: Role } | undefined>;
  /** Tell faults in the form that was asked for. */
  encodeProblem: Record<'xml' | 'json', ErrorRequestHandler>;
}

export function preferencesRouter({ preferences, guard, findUser, encodeProblem }: PreferencesRouterDeps): Router {
  const router = Router();

  /** A handset's own, else those of `?user=`. Problem `invalid`, `forbidden`, `not_found`. */
  const viewerFor = async (query: Record<string, unknown>, response: Response): Promise<number> => {
    const { user: by, role } = callerOf(response);
    const asked = readText(query, 'user');
    if (role === 'handset' && asked !== undefined && asked !== by)
      throw new Problem('forbidden', 'these are of another user');
    const user = role === 'handset' ? by : asked;
    if (user === undefined)
      throw new Problem('invalid', 'the parameter user says whose', {
        faults: [{ element: 'user', rule: 'required' }],
      });
    const found = await findUser(user);
    if (found?.role !== 'handset') throw new Problem('not_found', `there is no handset user ${user}`);
    return found.viewer;
  };

  router.get('/preferences', guard('handset', 'operator', 'administrator'), async (request, response) => {
    const form = answerFormOf(request);
    const view = await preferences.view(await viewerFor(request.query, response));
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Vary', 'Accept, Authorization');
    if (form === 'json') response.json(preferencesJson(view));
    else response.type('application/xml').send(preferencesXml(view));
  });

  router.delete('/preferences', guard('handset'), async (request, response) => {
    await preferences.erase(await viewerFor(request.query, response));
    response.status(204).end();
  });

  router.get('/bundles', guard('provider', 'administrator'), async (request, response) => {
    const { role, provider } = callerOf(response);
    if (role === 'provider' && provider === undefined)
      throw new Problem('forbidden', 'the account belongs to no provider');
    const { bundles, asOf, ...header } = await preferences.listBundles({
      ...(provider === undefined ? {} : { provider }),
      minSupportPercent: readDecimal(request.query, 'minSupport', SUPPORT_PERCENT) ?? SUPPORT_PERCENT.least,
      minLift: readDecimal(request.query, 'minLift', LIFT) ?? LIFT.least,
    });
    const told = asOf === undefined ? {} : { asOf: new Date(asOf).toISOString() };
    response.json({ ...told, ...header, ...pageOf(request, bundles) });
  });

  router.use(eitherEncoder(isPreferencesAddress, encodeProblem));
  return router;
}

/** Whether faults are told in the handsets' form, unless JSON is asked for. */
export const isPreferencesAddress = (_method: string, path: string): boolean => /^\/preferences\/?$/i.test(path);
