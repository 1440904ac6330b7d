// A survey: "are you watching service S now?", who is asked, and what a device answers (CN101399958A, step s312 B; R10, R11).

import type { SurveyResult } from '../../reports/surveys/survey-result.ts';

/** Whom to ask, of the devices online whose users may be measured (O2): all, or those who meet what is given. */
export interface SurveyTarget {
  /** The devices of these users, by pseudonym. */
  viewers?: number[];
  /** Of users who have all of these demographics. */
  group?: Record<string, string>;
  /** So many of them, drawn at random; one of `sample` and `percent` at most. */
  sample?: number;
  /** Such a share of them, above 0 to 100, rounded to whole devices. */
  percent?: number;
}

/** What is asked, as somebody wants it asked once or again and again. */
export interface SurveyRequest {
  service: string;
  to: SurveyTarget;
  /** By language (BCP 47); may be empty: handsets know what a survey asks. */
  question: Record<string, string>;
  timeLimitMs: number;
  /** Devices answer after a random time up to this. */
  spreadMs: number;
  /** Of the interval, 0.5 to 0.999. */
  confidence: number;
}

/** How many devices there were when the survey was begun. */
export interface Population {
  online: number;
  /** Of these, whose users may be measured. */
  measurable: number;
  /** Of these, of the users and the group that are asked for: those asked are all of them, or a random sample. */
  eligible: number;
}

/** A survey as begun, and its result once that is final. Times in epoch ms. */
export interface Survey extends SurveyRequest {
  id: string;
  askedAt: number;
  /** Answers that come from here on are late. */
  closesAt: number;
  /** From here on nothing is taken any more, and the result stays. */
  finalAt: number;
  /** By which the sample was drawn: see `drawSample`. Names the list of those asked, too. */
  seed: string;
  population: Population;
  asked: number;
  /** Who began it, by pseudonym; negative: somebody without an account. */
  by: number;
  /** The schedule by which it was begun. */
  schedule?: string;
  result?: SurveyResult;
}

/** One device's answer. (survey, device) names it: there is no second one. Times in epoch ms. */
export interface Answer {
  survey: string;
  device: number;
  viewer: number;
  /** The service that the device says it shows; absent: none. */
  watching?: string;
  /** When it was given: by the device where that can be, else when it came. */
  at: number;
  receivedAt: number;
  /** Whether viewing of the asked service was measured of this user at `at`: else the session log can't tell. */
  isLogged: boolean;
  /** Answers that came after it. */
  repeats: number;
}

/** A survey that is begun by the clock: again and again, or once. */
export interface SurveySchedule {
  id: string;
  request: SurveyRequest;
  /** Five fields of cron in an IANA zone, or one instant, epoch ms. */
  when: { cron: string; zone: string } | { at: number };
  by: number;
  createdAt: number;
}

export type SurveyState = 'open' | 'closed' | 'final';

/** `closed`: no answer counts any more, reports that are late may still change the comparison. */
export function stateOf({ closesAt, result }: Survey, now: number): SurveyState {
  if (result !== undefined) return 'final';
  return now < closesAt ? 'open' : 'closed';
}
