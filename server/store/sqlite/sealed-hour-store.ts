// Sealed hours in SQLite: a row a block, a row a seal (ratings R18).

import type { Seal, SealedHourStore, StoredBlock } from '../../../reports/viewing/sealed-hour-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS viewing_block (
  hour INTEGER NOT NULL, attempt TEXT NOT NULL, lane INTEGER NOT NULL, number INTEGER NOT NULL, edition INTEGER NOT NULL,
  first_viewer INTEGER NOT NULL, last_viewer INTEGER NOT NULL, block BLOB NOT NULL, UNIQUE (hour, attempt, lane, number)
);
CREATE INDEX IF NOT EXISTS viewing_block_viewer ON viewing_block (last_viewer, first_viewer);
CREATE TABLE IF NOT EXISTS viewing_seal (hour INTEGER PRIMARY KEY, version INTEGER NOT NULL, seal TEXT NOT NULL);
`;

const OF_BLOCK = 'hour = ? AND attempt = ? AND lane = ? AND number = ?';

/** Sealing is not flushed: what a power cut takes is sealed again, and nothing that was committed later is left without it. */
export function createSqliteSealedHourStore(database: Database): SealedHourStore {
  database.exec(TABLES);
  return {
    async putBlock({ hour, attempt, lane, number, edition, firstViewer, lastViewer, bytes }) {
      return database.transactionUnflushed(() => {
        const name = [hour, attempt, lane, number];
        const { changes } =
          edition === 0
            ? database.run(
                'INSERT OR IGNORE INTO viewing_block VALUES (?, ?, ?, ?, 0, ?, ?, ?)',
                ...[...name, firstViewer, lastViewer],
                bytes,
              )
            : database.run(
                `UPDATE viewing_block SET edition = ?, first_viewer = ?, last_viewer = ?, block = ?
                 WHERE ${OF_BLOCK} AND edition = ?`,
                ...[edition, firstViewer, lastViewer, bytes],
                ...[...name, edition - 1],
              );
        return changes === 1;
      });
    },

    async finish({ hour, version, ...rest }) {
      return database.transactionUnflushed(() => {
        const of = 'SELECT count(*) AS count FROM viewing_block WHERE hour = ? AND attempt = ?';
        const there = Number(database.get(of, hour, rest.attempt)?.count);
        if (there !== rest.lanes.reduce((sum, { blocks }) => sum + blocks, 0)) return false;
        database.run('INSERT OR REPLACE INTO viewing_seal VALUES (?, ?, ?)', hour, version, JSON.stringify(rest));
        return true;
      });
    },

    async listSeals(from, to) {
      const rows = database.all('SELECT * FROM viewing_seal WHERE hour >= ? AND hour < ? ORDER BY hour', from, to);
      return rows.map(({ hour, version, seal }): Seal => {
        return { hour: Number(hour), version: Number(version), ...JSON.parse(String(seal)) };
      });
    },

    async *readLane({ hour, attempt, lanes }, lane) {
      const blocks = lanes[lane]?.blocks ?? 0;
      for (let number = 0; number < blocks; number++) {
        const row = database.get(`SELECT block FROM viewing_block WHERE ${OF_BLOCK}`, hour, attempt, lane, number);
        if (row === undefined) return;
        yield row.block as Uint8Array;
      }
    },

    async *listSpanning(viewer) {
      const names = database.all(
        'SELECT rowid FROM viewing_block WHERE last_viewer >= ? AND first_viewer <= ?',
        viewer,
        viewer,
      );
      for (const { rowid } of names) {
        const row = database.get('SELECT * FROM viewing_block WHERE rowid = ?', rowid as number);
        if (row !== undefined) yield blockOf(row);
      }
    },

    async moveVersion(hour, before, after) {
      database.run('UPDATE viewing_seal SET version = ? WHERE hour = ? AND version = ?', after, hour, before);
    },

    async removeUnused(hour) {
      const attempt = "(SELECT seal ->> 'attempt' FROM viewing_seal WHERE hour = ?)";
      database.transactionUnflushed(() => {
        database.run(`DELETE FROM viewing_block WHERE hour = ? AND attempt IS NOT ${attempt}`, hour, hour);
      });
    },

    async removeBefore(at) {
      database.transaction(() => {
        database.run('DELETE FROM viewing_seal WHERE hour < ?', at);
        database.run('DELETE FROM viewing_block WHERE hour < ?', at);
      });
    },
  };
}

const blockOf = (row: Row): StoredBlock => ({
  hour: Number(row.hour),
  attempt: String(row.attempt),
  lane: Number(row.lane),
  number: Number(row.number),
  edition: Number(row.edition),
  firstViewer: Number(row.first_viewer),
  lastViewer: Number(row.last_viewer),
  bytes: row.block as Uint8Array,
});
