// The model of each device in SQLite, one row a device (V2; ratings R3).

import { setImmediate } from 'node:timers/promises';
import type { DeviceModel, DeviceModelStore } from '../../viewing/device-models.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS device_model (
  device INTEGER PRIMARY KEY, viewer INTEGER NOT NULL, model TEXT NOT NULL, told_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS device_model_viewer ON device_model (viewer);
-- for removeToldBefore
CREATE INDEX IF NOT EXISTS device_model_age ON device_model (told_at);
`;
const PAGE = 5_000; // some 5 ms of reading, between which requests are answered

export function createSqliteDeviceModelStore(database: Database): DeviceModelStore {
  database.exec(TABLES);
  return {
    async put(models) {
      database.transactionUnflushed(() => {
        for (const { device, viewer, model, toldAt } of models)
          database.run('INSERT OR REPLACE INTO device_model VALUES (?, ?, ?, ?)', device, viewer, model, toldAt);
      });
    },
    async find(devices) {
      const query = 'SELECT * FROM device_model WHERE device IN (SELECT value FROM json_each(?))';
      return database.all(query, JSON.stringify(devices)).map(modelOf);
    },
    async *list() {
      let after = -1;
      for (;;) {
        const query = `SELECT * FROM device_model WHERE device > ? ORDER BY device LIMIT ${PAGE}`;
        const page = database.all(query, after).map(modelOf);
        if (page.length > 0) yield page;
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE) return;
        after = last.device;
        await setImmediate();
      }
    },
    async listOfViewer(viewer) {
      return database.all('SELECT * FROM device_model WHERE viewer = ? ORDER BY device', viewer).map(modelOf);
    },
    async removeOfViewer(viewer) {
      database.run('DELETE FROM device_model WHERE viewer = ?', viewer);
    },
    async removeToldBefore(at) {
      return database.run('DELETE FROM device_model WHERE told_at < ?', at).changes;
    },
  };
}

export const modelOf = (row: Row): DeviceModel => ({
  device: Number(row.device),
  viewer: Number(row.viewer),
  model: String(row.model),
  toldAt: Number(row.told_at),
});
