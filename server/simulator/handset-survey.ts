// How a handset answers surveys: truly, wrongly, late or not at all, by chance, and the truth of it (O10; R10, R11).

import type { HandsetClient } from './handset-client.ts';
import type { Heard } from './handset-wire.ts';
import type { Handset, TrueSession } from './plan.ts';
import type { Random } from './random.ts';

/** Probabilities, 0 to 1. */
export interface SurveyHabits {
  /** Claims to watch what is asked for, of those who do not. */
  overClaim: number;
  /** Claims not to, of those who do. */
  underReport: number;
  silent: number;
  late: number;
}

export interface PlannedAnswer {
  /** Absent: says none. */
  watching?: string;
  isLate: boolean;
  isOverClaim: boolean;
  isUnderReport: boolean;
}

export interface SurveyQuestion {
  survey: string;
  service: string;
  /** Epoch ms. */
  answerBy: number;
  spreadMs: number;
}

export interface SurveyCounts {
  asked: number;
  /** In time; the next three are of these. */
  counted: number;
  /** Really watched what was asked for. */
  watched: number;
  overClaims: number;
  underReports: number;
  late: number;
  silent: number;
  /** Answers that were not taken as they should be. */
  wrong: number;
}

export interface HandsetSurveys {
  /** Takes questions; one that it has taken changes nothing. */
  take(...questions: SurveyQuestion[]): void;
  /** The client, with an ear for questions in what it fetches and in its streams. */
  overhear(client: HandsetClient): HandsetClient;
  /** Gives up what is not answered yet. */
  finish(): Promise<SurveyCounts>;
}

export const NO_SURVEYS: Readonly<SurveyCounts> = {
  asked: 0,
  counted: 0,
  watched: 0,
  overClaims: 0,
  underReports: 0,
  late: 0,
  silent: 0,
  wrong: 0,
};
const LATE_MOST_MS = 20_000;
const IN_TIME = 0.9; // of the time that is left: a network has its delays, too

/** What a handset that shows `watching` says when it is asked for `service`; undefined: it says nothing. */
export function planAnswer(
  random: Random,
  habits: SurveyHabits,
  service: string,
  watching: string | undefined,
): PlannedAnswer | undefined {
  const [isSilent, isLate] = [random.chance(habits.silent), random.chance(habits.late)];
  const isOn = watching === service;
  const isWrong = random.chance(isOn ? habits.underReport : habits.overClaim);
  if (isSilent) return undefined;
  const said = isWrong ? (isOn ? undefined : service) : watching;
  return {
    ...(said === undefined ? {} : { watching: said }),
    isLate,
    isOverClaim: isWrong && !isOn,
    isUnderReport: isWrong && isOn,
  };
}

/** The question in an event; none of another kind. */
function questionsOf({ kind, data }: Heard): SurveyQuestion[] {
  if (kind !== 'survey' || typeof data?.content !== 'object') return [];
  const { survey, service, answerBy, spreadS } = data.content as Record<string, unknown>;
  const times = { answerBy: Date.parse(String(answerBy)), spreadMs: Number(spreadS) * 1_000 };
  return [{ survey: String(survey), service: String(service), ...times }];
}

/** The questions in a document of GET /updates. */
export function readQuestions(updates: string): SurveyQuestion[] {
  return [...updates.matchAll(/<Update [^>]*kind="survey"[^>]*>(.*?)<\/Update>/gs)].map(([, parts = '']) => {
    const field = (name: string): string => new RegExp(`<Field name="${name}">([^<]*)<`).exec(parts)?.[1] ?? '';
    return {
      survey: field('survey'),
      service: field('service'),
      answerBy: Date.parse(field('answerBy')),
      spreadMs: Number(field('spreadS')) * 1_000,
    };
  });
}

/** `wait` rejects when it is aborted. */
export function createHandsetSurveys(deps: {
  /** Its own: it is closed at the end. */
  client: Pick<HandsetClient, 'post' | 'close'>;
  handset: Pick<Handset, 'deviceId' | 'imsi'>;
  /** What it really shows, in order of time. */
  sessions: readonly Pick<TrueSession, 'service' | 'from' | 'to'>[];
  /** Absent: it answers none. */
  habits: SurveyHabits | undefined;
  random: Random;
  clock: () => number;
  wait(ms: number, signal: AbortSignal): Promise<unknown>;
}): HandsetSurveys {
  const { client, handset, random, clock } = deps;
  const counts: SurveyCounts = { ...NO_SURVEYS };
  const known = new Set<string>();
  const end = new AbortController();
  const pending: Promise<void>[] = [];

  async function send(question: SurveyQuestion, { watching, isLate, ...answer }: PlannedAnswer, isOn: boolean) {
    const { deviceId, imsi } = handset;
    const attributes = { watching, at: new Date(clock()).toISOString(), deviceId, imsi };
    const texts = Object.entries(attributes).filter(([, value]) => value !== undefined);
    const written = texts.map(([name, value]) => ` ${name}="${value}"`).join('');
    const { status, body } = await client.post({
      path: `/surveys/${question.survey}/answers`,
      body: () => `<SurveyAnswer xmlns="urn:pocketmeter:survey:1"${written}/>`,
      date: () => new Date(clock()),
    });
    const [, result] = /result="(\w+)"/.exec(body) ?? [];
    if (status !== 200 || result !== (isLate ? 'late' : 'counted')) counts.wrong += 1;
    else if (isLate) counts.late += 1;
    else {
      counts.counted += 1;
      if (isOn) counts.watched += 1;
      if (answer.isOverClaim) counts.overClaims += 1;
      if (answer.isUnderReport) counts.underReports += 1;
    }
  }

  async function answer(question: SurveyQuestion, habits: SurveyHabits): Promise<void> {
    const { service, answerBy, spreadMs } = question;
    const isLate = random.chance(habits.late);
    const [left, share] = [answerBy - clock(), random.next()];
    const delayMs = isLate ? Math.max(0, left) + 1 + share * LATE_MOST_MS : share * Math.min(spreadMs, IN_TIME * left);
    await deps.wait(delayMs, end.signal);
    const now = clock();
    const watching = deps.sessions.findLast(({ from, to }) => from <= now && now < to)?.service;
    const plan = planAnswer(random, { ...habits, late: isLate ? 1 : 0 }, service, watching);
    if (plan === undefined) counts.silent += 1;
    else await send(question, plan, watching === service);
  }

  const take = (questions: readonly SurveyQuestion[]): void => {
    for (const question of questions) {
      if (deps.habits === undefined || known.has(question.survey)) continue;
      known.add(question.survey);
      counts.asked += 1;
      const silent = (): void => {
        counts.silent += 1;
      };
      pending.push(answer(question, deps.habits).catch(silent));
    }
  };

  return {
    take: (...questions) => take(questions),
    overhear: (own) => ({
      ...own,
      async get(request) {
        const fetched = await own.get(request);
        if (request.path.startsWith('/updates')) take(readQuestions(fetched.body));
        return fetched;
      },
      listen: (request, hear) =>
        own.listen(request, (heard) => {
          take(questionsOf(heard));
          hear(heard);
        }),
    }),
    async finish() {
      end.abort();
      await Promise.all(pending);
      client.close();
      return counts;
    },
  };
}
