// The guide in SQLite: services and pages by revision, as JSON; one state row that publishes (G2, G3).

import { setImmediate } from 'node:timers/promises';
import type { GuideStore, StagedProgramme } from '../../../sg/guide-store.ts';
import type { Page, Service } from '../../../sg/schedule.ts';
import { compareCodePoints } from '../code-points.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS guide_state (
  only INTEGER PRIMARY KEY CHECK (only = 1), revision INTEGER NOT NULL, holder TEXT, held_until INTEGER NOT NULL
);
INSERT OR IGNORE INTO guide_state VALUES (1, 0, NULL, 0);
CREATE TABLE IF NOT EXISTS guide_service (
  id TEXT, revision INTEGER, service TEXT NOT NULL, PRIMARY KEY (id, revision)
);
-- a page is kilobytes: the table has rowids, so that the keys stay small and near each other
CREATE TABLE IF NOT EXISTS guide_page (
  service TEXT, day INTEGER, revision INTEGER, programmes TEXT NOT NULL, PRIMARY KEY (service, day, revision)
);
-- finds what a crash left beyond the published revision
CREATE INDEX IF NOT EXISTS guide_page_revision ON guide_page (revision);
CREATE TABLE IF NOT EXISTS guide_stage (
  service TEXT, start_at INTEGER, sequence INTEGER, line INTEGER NOT NULL, programme TEXT NOT NULL,
  PRIMARY KEY (service, start_at, sequence)
);
`;

const LEFT_PAGES = 'SELECT rowid FROM guide_page WHERE revision > ? LIMIT 1000';
const SERVICES = `SELECT service FROM guide_service AS one WHERE revision =
  (SELECT max(revision) FROM guide_service WHERE id = one.id AND revision <= ?)`;
const PAGES = `SELECT day, programmes, max(revision) FROM guide_page
  WHERE service = ? AND day >= ? AND day < ? AND revision <= ? GROUP BY day ORDER BY day`;

/** Few enough that a request waits for milliseconds only. */
const ROWS_AT_ONCE = 500;

export function createSqliteGuideStore(database: Database): GuideStore {
  database.exec(TABLES);
  const published = (): number => Number(database.get('SELECT revision FROM guide_state')?.revision);

  const removeLeftovers = async (): Promise<void> => {
    const revision = published();
    database.run('DELETE FROM guide_service WHERE revision > ?', revision);
    while (database.run(`DELETE FROM guide_page WHERE rowid IN (${LEFT_PAGES})`, revision).changes > 0)
      await setImmediate();
    const stage = 'DELETE FROM guide_stage WHERE rowid IN (SELECT rowid FROM guide_stage LIMIT 5000)';
    while (database.run(stage).changes > 0) await setImmediate();
  };

  /** Runs `write` for each item, in transactions of a bounded size. */
  const inGroups = async <T>(items: readonly T[], write: (item: T) => void): Promise<void> => {
    for (let start = 0; start < items.length; start += ROWS_AT_ONCE) {
      if (start > 0) await setImmediate();
      database.transaction(() => items.slice(start, start + ROWS_AT_ONCE).forEach(write));
    }
  };

  return {
    async revision() {
      return published();
    },

    async takeTurn(holder, now, untilAt) {
      const renew = 'UPDATE guide_state SET held_until = ? WHERE holder = ?';
      if (database.run(renew, untilAt, holder).changes > 0) return true;
      const take = 'UPDATE guide_state SET holder = ?, held_until = ? WHERE holder IS NULL OR held_until <= ?';
      if (database.run(take, holder, untilAt, now).changes === 0) return false;
      await removeLeftovers();
      return true;
    },

    async endTurn(holder, revision) {
      const publish = 'UPDATE guide_state SET revision = coalesce(?, revision) WHERE holder = ?';
      if (database.run(publish, revision ?? null, holder).changes === 0) return false;
      await removeLeftovers();
      database.run('UPDATE guide_state SET holder = NULL, held_until = 0 WHERE holder = ?', holder);
      return true;
    },

    async stage(programmes) {
      await inGroups(programmes, ({ line, sequence, programme }) =>
        database.run(
          'INSERT OR REPLACE INTO guide_stage VALUES (?, ?, ?, ?, ?)',
          programme.service,
          programme.startAt,
          sequence,
          line,
          JSON.stringify(programme),
        ),
      );
    },

    async listStaged(service, after, limit) {
      const sql = `SELECT line, sequence, programme FROM guide_stage WHERE service = ? AND (start_at, sequence) > (?, ?)
        ORDER BY start_at, sequence LIMIT ?`;
      const start = after?.programme.startAt ?? Number.MIN_SAFE_INTEGER;
      return database.all(sql, service, start, after?.sequence ?? -1, limit).map(stagedOf);
    },

    async put(revision, services, pages) {
      await inGroups(services, (service) =>
        database.run(
          'INSERT OR REPLACE INTO guide_service VALUES (?, ?, ?)',
          service.id,
          revision,
          JSON.stringify(service),
        ),
      );
      await inGroups(pages, (page) =>
        database.run(
          'INSERT OR REPLACE INTO guide_page VALUES (?, ?, ?, ?)',
          page.service,
          page.day,
          revision,
          JSON.stringify(page.programmes),
        ),
      );
    },

    async listServices(revision) {
      const services = database.all(SERVICES, revision).map((row) => JSON.parse(String(row.service)) as Service);
      return services.sort((a, b) => a.order - b.order || compareCodePoints(a.id, b.id));
    },

    async listPages(services, fromDay, toDay, revision) {
      const pages: Page[] = [];
      let sinceBreak = 0;
      for (const service of [...services].sort(compareCodePoints)) {
        for (const row of database.all(PAGES, service, fromDay, toDay, revision)) pages.push(pageOf(service, row));
        if (pages.length - sinceBreak < ROWS_AT_ONCE) continue;
        sinceBreak = pages.length;
        await setImmediate();
      }
      return pages;
    },
  };
}

function pageOf(service: string, row: Row): Page {
  return { service, day: Number(row.day), programmes: JSON.parse(String(row.programmes)) as Page['programmes'] };
}

function stagedOf(row: Row): StagedProgramme {
  const programme = JSON.parse(String(row.programme)) as StagedProgramme['programme'];
  return { line: Number(row.line), sequence: Number(row.sequence), programme };
}
