// The ports to surveys, who was asked, what they answered, and surveys by the clock (R10, R11, R15).

import type { SurveyResult } from '../../reports/surveys/survey-result.ts';
import type { Answer, Survey, SurveySchedule } from './survey.ts';

/** A part of the list of devices that were asked, in ascending order; (seed, first) names it, `first` being the first device in it. */
export interface AskedPiece {
  seed: string;
  first: number;
  /** 1,000 at most. */
  devices: number[];
  /** When they were asked, epoch ms. */
  at: number;
}

/** Surveys by `id`, which names one, and the lists of those asked by the surveys' `seed`. */
export interface SurveyStore {
  /**
   * Keeps a survey and whom it asks, if there is none of its id; answers whether it did. A survey that is found has its list whole. Of
   * one that was not kept the pieces may stay until `removeOld`.
   */
  put(survey: Survey, asked: readonly AskedPiece[]): Promise<boolean>;

  find(id: string): Promise<Survey | undefined>;

  /** By falling (askedAt, code points of the id), those after `before`; of these services where they are given. */
  list(query: {
    before?: Pick<Survey, 'askedAt' | 'id'>;
    services?: readonly string[];
    limit: number;
  }): Promise<Survey[]>;

  /** Those without a result whose `finalAt` is at or before `at` (epoch ms), the oldest first. */
  listDue(at: number, limit: number): Promise<Survey[]>;

  /** Gives a survey its result if it has none, and removes the list of those asked. Again, it changes nothing. */
  finish(id: string, result: SurveyResult): Promise<void>;

  /** Pieces of a list whose `first` is above `after`, ascending. */
  listAsked(seed: string, after: number, limit: number): Promise<AskedPiece[]>;

  /** Removes surveys asked before `surveysBefore` and lists asked before `listsBefore`. Answers how many. */
  removeOld(limits: { surveysBefore: number; listsBefore: number }): Promise<number>;
}

/** Answers by (survey, device), which names one. */
export interface SurveyAnswerStore {
  /**
   * Keeps each answer whose name is not there yet, and counts one up in the `repeats` of that which is there. Durable when it
   * resolves. Answers for each, in order, whether it was kept. May have kept some when it rejects.
   */
  put(answers: readonly Answer[]): Promise<boolean[]>;

  /** Of a survey, by device, those above `after`. */
  list(survey: string, after: number, limit: number): Promise<Answer[]>;

  /** By survey. */
  listOfViewer(viewer: number): Promise<Answer[]>;
  removeOfViewer(viewer: number): Promise<void>;

  /** Removes those received before `at`, epoch ms; answers how many. */
  removeReceivedBefore(at: number): Promise<number>;
}

/** Schedules by `id`; some hundred at most. */
export interface SurveyScheduleStore {
  /** Keeps a schedule if there is none of its id; answers whether it did. */
  put(schedule: SurveySchedule): Promise<boolean>;
  find(id: string): Promise<SurveySchedule | undefined>;
  /** All, by the code points of their ids. */
  list(): Promise<SurveySchedule[]>;
  /** Answers whether there was one. */
  remove(id: string): Promise<boolean>;
}
