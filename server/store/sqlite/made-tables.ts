// Which tables of a SQLite store hold what was made of viewing: figures, its quality, preferences, surveys (O3).

import type { Kinds } from '../data-set.ts';
import { type Held, insertInto } from './held-table.ts';
import { preferenceOf, preferenceValuesOf } from './preference-store.ts';
import { qualityOf, valuesOf as qualityValuesOf } from './quality-store.ts';
import { ratingReportOf, ratingReportValuesOf } from './rating-report-store.ts';
import {
  answerOf,
  answerValuesOf,
  askedOf,
  askedValuesOf,
  scheduleOf,
  surveyOf,
  surveyValuesOf,
} from './survey-store.ts';

type MadeKind =
  | ('quality' | 'ratings' | 'preferences' | 'preferenceNotes')
  | ('surveys' | 'asked' | 'answers' | 'surveySchedules');

const RECORDS_AT_ONCE = 250; // of 20 kB at most

export const MADE_TABLES: { [K in MadeKind]: Held<Kinds[K]> } = {
  quality: {
    table: 'data_quality',
    key: ['date'],
    itemOf: qualityOf,
    write: insertInto('data_quality', qualityValuesOf),
  },
  ratings: {
    table: 'rating_report',
    key: ['asked', 'revision'],
    itemOf: ratingReportOf,
    write: insertInto('rating_report', ratingReportValuesOf),
  },
  preferences: {
    table: 'preference',
    key: ['viewer'],
    atOnce: RECORDS_AT_ONCE,
    itemOf: preferenceOf,
    write: insertInto('preference', preferenceValuesOf),
  },
  preferenceNotes: {
    table: 'preference_note',
    key: ['name'],
    itemOf: (row) => ({ name: String(row.name), note: JSON.parse(String(row.note)) }),
    write: insertInto('preference_note', ({ name, note }) => [name, JSON.stringify(note)]),
  },
  surveys: { table: 'survey', key: ['id'], itemOf: surveyOf, write: insertInto('survey', surveyValuesOf) },
  asked: {
    table: 'survey_asked',
    key: ['seed', 'first'],
    atOnce: RECORDS_AT_ONCE,
    itemOf: askedOf,
    write: insertInto('survey_asked', askedValuesOf),
  },
  answers: {
    table: 'survey_answer',
    key: ['survey', 'device'],
    itemOf: answerOf,
    write: insertInto('survey_answer', answerValuesOf),
  },
  surveySchedules: {
    table: 'survey_schedule',
    key: ['id'],
    itemOf: scheduleOf,
    write: insertInto('survey_schedule', (schedule) => [schedule.id, JSON.stringify(schedule)]),
  },
};
