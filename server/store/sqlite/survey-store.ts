// Surveys, who was asked, answers and schedules in SQLite (R10, R11, R15).

import type { Answer, Survey, SurveySchedule } from '../../surveys/survey.ts';
import type { AskedPiece, SurveyAnswerStore, SurveyScheduleStore, SurveyStore } from '../../surveys/survey-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS survey (
  id TEXT PRIMARY KEY, asked_at INTEGER NOT NULL, service TEXT NOT NULL, due_at INTEGER, survey TEXT NOT NULL, result TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS survey_time ON survey (asked_at, id);
CREATE INDEX IF NOT EXISTS survey_due ON survey (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS survey_asked (
  seed TEXT NOT NULL, first INTEGER NOT NULL, devices TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (seed, first)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS survey_asked_age ON survey_asked (at);
CREATE TABLE IF NOT EXISTS survey_answer (
  survey TEXT NOT NULL, device INTEGER NOT NULL, viewer INTEGER NOT NULL, watching TEXT, at INTEGER NOT NULL,
  received_at INTEGER NOT NULL, is_logged INTEGER NOT NULL, repeats INTEGER NOT NULL, PRIMARY KEY (survey, device)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS survey_answer_viewer ON survey_answer (viewer);
CREATE INDEX IF NOT EXISTS survey_answer_age ON survey_answer (received_at);
CREATE TABLE IF NOT EXISTS survey_schedule (id TEXT PRIMARY KEY, schedule TEXT NOT NULL) WITHOUT ROWID;
`;

const PUT_ANSWER = `INSERT INTO survey_answer VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (survey, device) DO UPDATE SET repeats = repeats + 1 RETURNING repeats`;

export function createSqliteSurveyStore(database: Database): SurveyStore {
  database.exec(TABLES);
  return {
    async put(survey, asked) {
      return database.transaction(() => {
        if (database.get('SELECT id FROM survey WHERE id = ?', survey.id) !== undefined) return false;
        database.run('INSERT INTO survey VALUES (?, ?, ?, ?, ?, ?)', ...surveyValuesOf(survey));
        for (const piece of asked)
          database.run('INSERT INTO survey_asked VALUES (?, ?, ?, ?)', ...askedValuesOf(piece));
        return true;
      });
    },

    async find(id) {
      const row = database.get('SELECT * FROM survey WHERE id = ?', id);
      return row === undefined ? undefined : surveyOf(row);
    },

    async list({ before, services, limit }) {
      const { askedAt, id } = before ?? { askedAt: Number.MAX_SAFE_INTEGER, id: '' };
      const among = services === undefined ? '' : 'AND service IN (SELECT value FROM json_each(?))';
      const sql = `SELECT * FROM survey WHERE (asked_at, id) < (?, ?) ${among} ORDER BY asked_at DESC, id DESC LIMIT ?`;
      const given = services === undefined ? [] : [JSON.stringify(services)];
      return database.all(sql, askedAt, id, ...given, limit).map(surveyOf);
    },

    async listDue(at, limit) {
      return database.all('SELECT * FROM survey WHERE due_at <= ? ORDER BY due_at LIMIT ?', at, limit).map(surveyOf);
    },

    async finish(id, result) {
      database.transaction(() => {
        const end = 'UPDATE survey SET result = ?, due_at = NULL WHERE id = ? AND result IS NULL';
        database.run(end, JSON.stringify(result), id);
        database.run("DELETE FROM survey_asked WHERE seed = (SELECT survey ->> 'seed' FROM survey WHERE id = ?)", id);
      });
    },

    async listAsked(seed, after, limit) {
      const sql = 'SELECT * FROM survey_asked WHERE seed = ? AND first > ? ORDER BY first LIMIT ?';
      return database.all(sql, seed, after, limit).map(askedOf);
    },

    async removeOld({ surveysBefore, listsBefore }) {
      return database.transaction(() => {
        database.run('DELETE FROM survey_asked WHERE at < ?', listsBefore);
        return database.run('DELETE FROM survey WHERE asked_at < ?', surveysBefore).changes;
      });
    },
  };
}

export function createSqliteSurveyAnswerStore(database: Database): SurveyAnswerStore {
  database.exec(TABLES);
  return {
    async put(answers) {
      const kept = database.transactionUnflushed(() =>
        answers.map((answer) => database.get(PUT_ANSWER, ...answerValuesOf(answer))?.repeats === 0),
      );
      await database.flush();
      return kept;
    },
    async list(survey, after, limit) {
      const sql = 'SELECT * FROM survey_answer WHERE survey = ? AND device > ? ORDER BY device LIMIT ?';
      return database.all(sql, survey, after, limit).map(answerOf);
    },
    async listOfViewer(viewer) {
      return database.all('SELECT * FROM survey_answer WHERE viewer = ? ORDER BY survey, device', viewer).map(answerOf);
    },
    async removeOfViewer(viewer) {
      database.run('DELETE FROM survey_answer WHERE viewer = ?', viewer);
    },
    async removeReceivedBefore(at) {
      return database.run('DELETE FROM survey_answer WHERE received_at < ?', at).changes;
    },
  };
}

export function createSqliteSurveyScheduleStore(database: Database): SurveyScheduleStore {
  database.exec(TABLES);
  return {
    async put(schedule) {
      const insert = 'INSERT INTO survey_schedule VALUES (?, ?) ON CONFLICT (id) DO NOTHING';
      return database.run(insert, schedule.id, JSON.stringify(schedule)).changes === 1;
    },
    async find(id) {
      const row = database.get('SELECT * FROM survey_schedule WHERE id = ?', id);
      return row === undefined ? undefined : scheduleOf(row);
    },
    async list() {
      return database.all('SELECT * FROM survey_schedule ORDER BY id').map(scheduleOf);
    },
    async remove(id) {
      return database.run('DELETE FROM survey_schedule WHERE id = ?', id).changes === 1;
    },
  };
}

export function surveyValuesOf({ result, ...survey }: Survey) {
  const { id, askedAt, service, finalAt } = survey;
  const dueAt = result === undefined ? finalAt : null;
  return [id, askedAt, service, dueAt, JSON.stringify(survey), result === undefined ? null : JSON.stringify(result)];
}

export const surveyOf = ({ survey, result }: Row): Survey => ({
  ...JSON.parse(String(survey)),
  ...(result === null ? {} : { result: JSON.parse(String(result)) }),
});

export const askedValuesOf = ({ seed, first, devices, at }: AskedPiece) => [seed, first, JSON.stringify(devices), at];

export const askedOf = ({ seed, first, devices, at }: Row): AskedPiece => ({
  seed: String(seed),
  first: Number(first),
  devices: JSON.parse(String(devices)),
  at: Number(at),
});

export const answerValuesOf = (answer: Answer) => {
  const { survey, device, viewer, watching, at, receivedAt, isLogged, repeats } = answer;
  return [survey, device, viewer, watching ?? null, at, receivedAt, isLogged ? 1 : 0, repeats];
};

export const answerOf = (row: Row): Answer => ({
  survey: String(row.survey),
  device: Number(row.device),
  viewer: Number(row.viewer),
  ...(row.watching === null ? {} : { watching: String(row.watching) }),
  at: Number(row.at),
  receivedAt: Number(row.received_at),
  isLogged: row.is_logged === 1,
  repeats: Number(row.repeats),
});

export const scheduleOf = ({ schedule }: Row): SurveySchedule => JSON.parse(String(schedule));
