// Surveys, who was asked, answers and schedules in MongoDB (R10, R11, R15).

import type { Answer, Survey, SurveySchedule } from '../../surveys/survey.ts';
import type { AskedPiece, SurveyAnswerStore, SurveyScheduleStore, SurveyStore } from '../../surveys/survey-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertAbsent, insertIfAbsent, tellProblems } from './driver-problems.ts';

export interface SurveyDocument {
  _id: string;
  service: string;
  /** `<askedAt, 15 digits>/<id>`: the order of lists. */
  order: string;
  /** Absent when the result is there. */
  dueAt?: number;
  /** JSON: names within it are data. */
  survey: string;
  result?: string;
}

export interface AskedDocument extends Omit<AskedPiece, 'seed' | 'first'> {
  /** `<seed>/<first, 16 digits>`: no seed has a slash. */
  _id: string;
}

export interface AnswerDocument extends Omit<Answer, 'survey' | 'device'> {
  /** `<survey>/<device, 16 digits>`: no survey's id has a slash. */
  _id: string;
}

export interface ScheduleDocument {
  _id: string;
  /** JSON. */
  schedule: string;
}

const SURVEY_INDEXES = [
  { key: { order: 1 }, name: 'order' }, // list, removeOld
  { key: { dueAt: 1 }, name: 'due' }, // listDue; a comparison with a number finds no document without one
];
const ASKED_INDEXES = [{ key: { at: 1 }, name: 'age' }]; // removeOld
const ANSWER_INDEXES = [
  { key: { viewer: 1 }, name: 'viewer' }, // listOfViewer, removeOfViewer
  { key: { receivedAt: 1 }, name: 'age' }, // removeReceivedBefore
];
const ASKED_AT_ONCE = 100; // pieces of 16 kB
const AFTER_ALL = '~';

export async function createMongoSurveyStore(database: MongoDatabase): Promise<SurveyStore> {
  const surveys = await database.collection<SurveyDocument>('surveys', SURVEY_INDEXES);
  const asked = await database.collection<AskedDocument>('survey_asked', ASKED_INDEXES);
  return tellProblems<SurveyStore>(['put', 'removeOld'], {
    async put(survey, pieces) {
      // The list first, under a seed of its own: a survey that is there has all of it, also where two bring one id.
      for (let start = 0; start < pieces.length; start += ASKED_AT_ONCE)
        await insertAbsent(asked, pieces.slice(start, start + ASKED_AT_ONCE).map(askedDocumentOf));
      return insertIfAbsent(surveys, surveyDocumentOf(survey));
    },

    async find(id) {
      const found = await surveys.findOne({ _id: id });
      return found === null ? undefined : surveyOf(found);
    },

    async list({ before, services, limit }) {
      const order = { $lt: before === undefined ? AFTER_ALL : orderOf(before) };
      const among = services === undefined ? {} : { service: { $in: [...services] } };
      const found = surveys.find({ order, ...among }).sort({ order: -1 });
      return (await found.limit(limit).toArray()).map(surveyOf);
    },

    async listDue(at, limit) {
      const found = surveys.find({ dueAt: { $lte: at } }).sort({ dueAt: 1 });
      return (await found.limit(limit).toArray()).map(surveyOf);
    },

    async finish(id, result) {
      const end = { $set: { result: JSON.stringify(result) }, $unset: { dueAt: true } } as const;
      await surveys.updateOne({ _id: id, result: { $exists: false } }, end);
      const found = await surveys.findOne({ _id: id });
      if (found !== null) await asked.deleteMany({ _id: within(surveyOf(found).seed, -1) });
    },

    async listAsked(seed, after, limit) {
      const found = asked.find({ _id: within(seed, after) }).sort({ _id: 1 });
      return (await found.limit(limit).toArray()).map(askedOf);
    },

    async removeOld({ surveysBefore, listsBefore }) {
      await asked.deleteMany({ at: { $lt: listsBefore } });
      return (await surveys.deleteMany({ order: { $lt: orderOf({ askedAt: surveysBefore, id: '' }) } })).deletedCount;
    },
  });
}

export async function createMongoSurveyAnswerStore(database: MongoDatabase): Promise<SurveyAnswerStore> {
  const answers = await database.collection<AnswerDocument>('survey_answers', ANSWER_INDEXES);
  return tellProblems<SurveyAnswerStore>(['removeReceivedBefore'], {
    async put(given) {
      const there = await insertAbsent(answers, given.map(answerDocumentOf));
      const repeated = given.filter((_, place) => there.has(place)).map(({ survey, device }) => nameOf(survey, device));
      for (const _id of repeated) await answers.updateOne({ _id }, { $inc: { repeats: 1 } });
      return given.map((_, place) => !there.has(place));
    },
    async list(survey, after, limit) {
      const found = answers.find({ _id: within(survey, after) }).sort({ _id: 1 });
      return (await found.limit(limit).toArray()).map(answerOf);
    },
    async listOfViewer(viewer) {
      const found = (await answers.find({ viewer }).toArray()).map(answerOf);
      return found.sort((a, b) => (nameOf(a.survey, a.device) < nameOf(b.survey, b.device) ? -1 : 1));
    },
    async removeOfViewer(viewer) {
      await answers.deleteMany({ viewer });
    },
    async removeReceivedBefore(at) {
      return (await answers.deleteMany({ receivedAt: { $lt: at } })).deletedCount;
    },
  });
}

export async function createMongoSurveyScheduleStore(database: MongoDatabase): Promise<SurveyScheduleStore> {
  const schedules = await database.collection<ScheduleDocument>('survey_schedules');
  return tellProblems<SurveyScheduleStore>([], {
    put: (schedule) => insertIfAbsent(schedules, scheduleDocumentOf(schedule)),
    async find(id) {
      const found = await schedules.findOne({ _id: id });
      return found === null ? undefined : scheduleOf(found);
    },
    async list() {
      // A bound in any case: DocumentDB sorts by an index only within bounds.
      const found = schedules.find({ _id: { $gt: '' } }).sort({ _id: 1 });
      return (await found.toArray()).map(scheduleOf);
    },
    async remove(id) {
      return (await schedules.deleteOne({ _id: id })).deletedCount === 1;
    },
  });
}

const padded = (number: number, digits: number): string => String(number).padStart(digits, '0');
const nameOf = (group: string, number: number): string => `${group}/${padded(number, 16)}`;
const orderOf = ({ askedAt, id }: Pick<Survey, 'askedAt' | 'id'>): string => `${padded(askedAt, 15)}/${id}`;

/** Names of a group with a number above `after`; a 0 follows the slash in the code points. */
const within = (group: string, after: number) => ({
  $gt: after < 0 ? `${group}/` : nameOf(group, after),
  $lt: `${group}0`,
});

const partsOf = (name: string): [group: string, number: number] => {
  const slash = name.indexOf('/');
  return [name.slice(0, slash), Number(name.slice(slash + 1))];
};

export const surveyDocumentOf = ({ result, ...survey }: Survey): SurveyDocument => ({
  _id: survey.id,
  service: survey.service,
  order: orderOf(survey),
  ...(result === undefined ? { dueAt: survey.finalAt } : {}),
  survey: JSON.stringify(survey),
  ...(result === undefined ? {} : { result: JSON.stringify(result) }),
});

export const surveyOf = ({ survey, result }: SurveyDocument): Survey => ({
  ...JSON.parse(survey),
  ...(result === undefined ? {} : { result: JSON.parse(result) }),
});

export const askedDocumentOf = ({ seed, first, ...piece }: AskedPiece): AskedDocument => ({
  _id: nameOf(seed, first),
  ...piece,
});

export function askedOf({ _id, ...piece }: AskedDocument): AskedPiece {
  const [seed, first] = partsOf(_id);
  return { seed, first, ...piece };
}

export const answerDocumentOf = ({ survey, device, ...answer }: Answer): AnswerDocument => ({
  _id: nameOf(survey, device),
  ...answer,
});

export function answerOf({ _id, ...answer }: AnswerDocument): Answer {
  const [survey, device] = partsOf(_id);
  return { survey, device, ...answer };
}

export const scheduleDocumentOf = (schedule: SurveySchedule): ScheduleDocument => ({
  _id: schedule.id,
  schedule: JSON.stringify(schedule),
});

export const scheduleOf = ({ schedule }: ScheduleDocument): SurveySchedule => JSON.parse(schedule);
