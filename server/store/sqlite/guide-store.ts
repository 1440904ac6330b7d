// The guide in SQLite: services, purchase items and pages by revision, as JSON; one state row that publishes (G1-G4).

import { setImmediate } from 'node:timers/promises';
import type { GuideStore, Removed, StagedProgramme } from '../../../sg/guide-store.ts';
import type { PurchaseItem } from '../../../sg/purchase-item.ts';
import type { Page, Service } from '../../../sg/schedule.ts';
import { compareCodePoints } from '../code-points.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS guide_state (
  only INTEGER PRIMARY KEY CHECK (only = 1), revision INTEGER NOT NULL, holder TEXT, held_until INTEGER NOT NULL
);
INSERT OR IGNORE INTO guide_state VALUES (1, 0, NULL, 0);
CREATE TABLE IF NOT EXISTS guide_kept (only INTEGER PRIMARY KEY CHECK (only = 1), oldest INTEGER NOT NULL);
INSERT OR IGNORE INTO guide_kept VALUES (1, 0);
CREATE TABLE IF NOT EXISTS guide_revision (revision INTEGER PRIMARY KEY, published_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS guide_service (
  id TEXT, revision INTEGER, service TEXT NOT NULL, PRIMARY KEY (id, revision)
);
CREATE TABLE IF NOT EXISTS guide_item (
  id TEXT, revision INTEGER, item TEXT NOT NULL, PRIMARY KEY (id, revision)
);
-- a page is kilobytes: the table has rowids, so that the keys stay small and near each other
CREATE TABLE IF NOT EXISTS guide_page (
  service TEXT, day INTEGER, revision INTEGER, programmes TEXT NOT NULL, PRIMARY KEY (service, day, revision)
);
-- finds what a crash left beyond the published revision, and what changed since one
CREATE INDEX IF NOT EXISTS guide_page_revision ON guide_page (revision);
CREATE TABLE IF NOT EXISTS guide_stage (
  service TEXT, start_at INTEGER, sequence INTEGER, line INTEGER NOT NULL, programme TEXT NOT NULL,
  PRIMARY KEY (service, start_at, sequence)
);
`;

const LEFT_PAGES = 'SELECT rowid FROM guide_page WHERE revision > ? LIMIT 1000';
const latest = (table: string, column: string): string => `SELECT ${column} AS record FROM ${table} AS one
  WHERE revision = (SELECT max(revision) FROM ${table} WHERE id = one.id AND revision <= ?)`;
const SERVICES = latest('guide_service', 'service');
const ITEMS = latest('guide_item', 'item');
const SUPERSEDED = (table: string): string => `DELETE FROM ${table} AS old WHERE EXISTS
  (SELECT 1 FROM ${table} WHERE id = old.id AND revision > old.revision AND revision <= ?)`;
const PAGE_NAMES = `SELECT service, day, revision FROM guide_page WHERE (service, day, revision) > (?, ?, ?)
  ORDER BY service, day, revision LIMIT 2000`;
const CHANGED = 'revision > ? AND revision <= ?';
const PAGES = `SELECT day, programmes, max(revision) FROM guide_page
  WHERE service = ? AND day >= ? AND day < ? AND revision <= ? GROUP BY day ORDER BY day`;

/** Few enough that a request waits for milliseconds only. */
const ROWS_AT_ONCE = 500;

export function createSqliteGuideStore(database: Database): GuideStore {
  database.exec(TABLES);
  const published = (): number => Number(database.get('SELECT revision FROM guide_state')?.revision);

  const removeLeftovers = async (): Promise<void> => {
    const revision = published();
    for (const table of ['guide_service', 'guide_item', 'guide_revision'])
      database.run(`DELETE FROM ${table} WHERE revision > ?`, revision);
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

  const listRecords = <T extends { id: string }>(sql: string, revision: number): T[] =>
    database.all(sql, revision).flatMap((row) => {
      const record = JSON.parse(String(row.record)) as T | Removed;
      return 'removed' in record ? [] : record;
    });

  /** Removes pages that give way to another at or before `oldest`, in order of their names. */
  const forgetPages = async (oldest: number): Promise<number> => {
    let removed = 0;
    let before: Row | undefined;
    for (;;) {
      const names = database.all(PAGE_NAMES, before?.service ?? '', before?.day ?? -(2 ** 53), before?.revision ?? -1);
      database.transactionUnflushed(() => {
        for (const name of names) {
          const isSame = before?.service === name.service && before?.day === name.day;
          if (isSame && Number(name.revision) <= oldest) {
            const remove = 'DELETE FROM guide_page WHERE service = ? AND day = ? AND revision = ?';
            removed += database.run(
              remove,
              String(before?.service),
              Number(before?.day),
              Number(before?.revision),
            ).changes;
          }
          before = name;
        }
      });
      if (names.length === 0) return removed;
      await setImmediate();
    }
  };

  return {
    async revision() {
      return published();
    },

    async oldestRevision() {
      return Number(database.get('SELECT oldest FROM guide_kept')?.oldest);
    },

    async revisionAt(at) {
      const sql = 'SELECT max(revision) AS revision FROM guide_revision WHERE published_at <= ? AND revision <= ?';
      return Number(database.get(sql, at, published())?.revision ?? 0);
    },

    async forgetBefore(revision) {
      database.run('UPDATE guide_kept SET oldest = max(oldest, ?)', revision);
      const oldest = Number(database.get('SELECT oldest FROM guide_kept')?.oldest);
      let removed = 0;
      for (const table of ['guide_service', 'guide_item']) removed += database.run(SUPERSEDED(table), oldest).changes;
      database.run('DELETE FROM guide_revision WHERE revision < ?', oldest);
      return removed + (await forgetPages(oldest));
    },

    async takeTurn(holder, now, untilAt) {
      const renew = 'UPDATE guide_state SET held_until = ? WHERE holder = ?';
      if (database.run(renew, untilAt, holder).changes > 0) return true;
      const take = 'UPDATE guide_state SET holder = ?, held_until = ? WHERE holder IS NULL OR held_until <= ?';
      if (database.run(take, holder, untilAt, now).changes === 0) return false;
      await removeLeftovers();
      return true;
    },

    async endTurn(holder, revision, now) {
      const publish = 'UPDATE guide_state SET revision = coalesce(?, revision) WHERE holder = ?';
      const note = 'INSERT OR REPLACE INTO guide_revision VALUES (?, ?)';
      const isMine = database.transaction(() => {
        const { changes } = database.run(publish, revision ?? null, holder);
        if (changes > 0 && revision !== undefined) database.run(note, revision, now);
        return changes > 0;
      });
      if (!isMine) return false;
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

    async put(revision, { services = [], items = [], pages = [] }) {
      const putRecords = (table: string, records: readonly { id: string }[]): Promise<void> =>
        inGroups(records, (record) =>
          database.run(`INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?)`, record.id, revision, JSON.stringify(record)),
        );
      await putRecords('guide_service', services);
      await putRecords('guide_item', items);
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
      const services = listRecords<Service>(SERVICES, revision);
      return services.sort((a, b) => a.order - b.order || compareCodePoints(a.id, b.id));
    },

    async listItems(revision) {
      return listRecords<PurchaseItem>(ITEMS, revision).sort((a, b) => compareCodePoints(a.id, b.id));
    },

    async listChanges(since, through) {
      const idsIn = (table: string): string[] =>
        database.all(`SELECT DISTINCT id FROM ${table} WHERE ${CHANGED}`, since, through).map((row) => String(row.id));
      const pages = database.all(`SELECT DISTINCT service, day FROM guide_page WHERE ${CHANGED}`, since, through);
      return {
        services: idsIn('guide_service'),
        items: idsIn('guide_item'),
        pages: pages.map((row) => ({ service: String(row.service), day: Number(row.day) })),
      };
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
