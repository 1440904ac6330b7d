// A survey as it is asked for becomes one that can be begun: names become what surveys know, a provider keeps to its own (G3, O1, R10).

import { Problem } from '../problem.ts';
import type { SurveyRequest } from './survey.ts';
import type { NamedSchedule, NamedSurvey } from './survey-body.ts';
import type { SurveySchedules } from './survey-schedules.ts';
import type { Beginner, Surveys } from './surveys.ts';

/** Who asks for it. */
interface Asker extends Omit<Beginner, 'schedule'> {
  /** Set for a provider: the services it may ask about. */
  ownServices?: readonly string[];
}

/** An id is made up where none is given. */
export interface SurveyAsking {
  /** Problem `not_found` for a service or a user that isn't there, `forbidden` for what is not the provider's, those of `Surveys`. */
  start(survey: NamedSurvey, asker: Asker): ReturnType<Surveys['start']>;
  /** The same, and Problems of `SurveySchedules`. */
  schedule(schedule: NamedSchedule, asker: Asker): ReturnType<SurveySchedules['add']>;
}

export function createSurveyAsking(deps: {
  surveys: Pick<Surveys, 'start'>;
  schedules: Pick<SurveySchedules, 'add'>;
  hasService(service: string): Promise<boolean>;
  /** Of a handset's user. */
  viewerOf(user: string): Promise<number | undefined>;
  newId: () => string;
}): SurveyAsking {
  async function requestOf({ id: _id, to, ...rest }: NamedSurvey, own: readonly string[] | undefined) {
    const { service } = rest;
    if (own !== undefined && !own.includes(service))
      throw new Problem('forbidden', `service ${service} is not of this provider`);
    if (!(await deps.hasService(service))) throw new Problem('not_found', `there is no service ${service}`);
    const { users, ...drawn } = to;
    // Of two surveys that differ in one person the difference is that person's answer.
    if (own !== undefined && users !== undefined) throw new Problem('forbidden', 'a provider does not choose people');
    const viewers = users === undefined ? undefined : await Promise.all(users.map(viewerOf));
    const request: SurveyRequest = { ...rest, to: { ...drawn, ...(viewers === undefined ? {} : { viewers }) } };
    return request;
  }

  async function viewerOf(user: string): Promise<number> {
    const viewer = await deps.viewerOf(user);
    if (viewer === undefined) throw new Problem('not_found', `there is no handset user ${user}`);
    return viewer;
  }

  return {
    async start(survey, { ownServices, ...beginner }) {
      return deps.surveys.start(await requestOf(survey, ownServices), survey.id ?? deps.newId(), beginner);
    },
    async schedule({ survey, when, id = deps.newId() }, { ownServices, by, viewer }) {
      return deps.schedules.add({ id, when, by: viewer, request: await requestOf(survey, ownServices) }, by);
    },
  };
}
