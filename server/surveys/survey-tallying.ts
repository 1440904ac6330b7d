// Counts a survey's answers and holds each against the sessions of its moment (R11).

import { createSurveyTally, type SurveyResult } from '../../reports/surveys/survey-result.ts';
import type { Survey } from './survey.ts';
import type { SurveyAnswerStore } from './survey-store.ts';

/** What of a session bears on an answer. Times in epoch ms, half-open. */
export interface LoggedSession {
  device: number;
  startedAt: number;
  /** Absent while it is open. */
  endedAt?: number;
}

interface SurveyTallying {
  /** With the comparison if `isClosed`. */
  tally(survey: Survey, isClosed: boolean): Promise<SurveyResult>;
}

const ANSWERS_AT_ONCE = 1_000;

export function createSurveyTallying(deps: {
  answers: Pick<SurveyAnswerStore, 'list'>;
  listSessions(service: string, from: number, to: number): AsyncIterable<readonly LoggedSession[]>;
}): SurveyTallying {
  /** Whether the log has a device on the surveyed service at a moment of the survey. */
  async function readLog({ service, askedAt, closesAt }: Survey): Promise<(device: number, at: number) => boolean> {
    const byDevice = new Map<number, LoggedSession[]>();
    for await (const page of deps.listSessions(service, askedAt, closesAt))
      for (const session of page) {
        const own = byDevice.get(session.device);
        if (own === undefined) byDevice.set(session.device, [session]);
        else own.push(session);
      }
    return (device, at) =>
      byDevice
        .get(device)
        ?.some(({ startedAt, endedAt }) => startedAt <= at && (endedAt === undefined || at < endedAt)) === true;
  }

  return {
    async tally(survey, isClosed) {
      const { id, service, asked, population, confidence, timeLimitMs, askedAt, closesAt } = survey;
      const facts = { service, asked, population: population.eligible, confidence, timeLimitMs };
      const counts = createSurveyTally(facts);
      const isOn = isClosed ? await readLog(survey) : undefined;
      for (let after = -1; ; ) {
        const page = await deps.answers.list(id, after, ANSWERS_AT_ONCE);
        for (const { device, watching, at, receivedAt, isLogged, repeats } of page) {
          after = device;
          counts.addRepeats(repeats);
          if (receivedAt >= closesAt) counts.addLate();
          else
            counts.add({
              delayMs: receivedAt - askedAt,
              ...(watching === undefined ? {} : { watching }),
              ...(isOn !== undefined && isLogged ? { logged: isOn(device, at) } : {}),
            });
        }
        if (page.length < ANSWERS_AT_ONCE) return counts.result(isClosed);
      }
    },
  };
}
