// What a store's file holds, and reports to put there, for tests that look behind the scenes.

import { readConfig } from '../../server/config.ts';
import { createHandsetClient } from '../../server/simulator/handset-client.ts';
import { openDatabase } from '../../server/store/sqlite/database.ts';
import { openSqliteStore } from '../../server/store/sqlite/open-sqlite-store.ts';
import { deriveSessions } from '../../server/viewing/derive-sessions.ts';
import type { StoredReport } from '../../server/viewing/report.ts';
import type { Session } from '../../server/viewing/session.ts';

/** Every value of every table, as one text. */
export const contentsOf = (file: string): string => [...tablesOf(file).values()].join('\n');

/** The tables in which a text is found, by name. */
export const tablesWith = (file: string, text: string): string[] =>
  [...tablesOf(file)]
    .filter(([, rows]) => rows.includes(text))
    .map(([name]) => name)
    .sort();

/** The values of each table as one text, by the table's name. */
function tablesOf(file: string): Map<string, string> {
  const database = openDatabase(file);
  const names = database.all("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => String(name));
  const textOf = (name: string): string =>
    database
      .all(`SELECT * FROM "${name}"`)
      .map((row) => Object.values(row).join('\t'))
      .join('\n');
  const tables = new Map(names.map((name) => [name, textOf(name)]));
  database.close();
  return tables;
}

/**
 * The sessions of a store, and what deriving all of its reports at once gives, in one order; without the last of each device,
 * which a job may just have closed.
 */
export async function sessionsFromReports(file: string): Promise<{ stored: string[]; derived: string[] }> {
  const store = openSqliteStore(file);
  const byDevice = new Map<number, StoredReport[]>();
  for (const report of await store.reports.listReceivedSince(0)) {
    if (report.quarantine !== undefined) continue;
    byDevice.set(report.device, [...(byDevice.get(report.device) ?? []), report]);
  }
  const stored = await store.sessions.list({ from: 0, to: Number.MAX_SAFE_INTEGER, limit: 1_000_000 });
  await store.close();
  const config = readConfig({});
  const rules = { ...config, timeoutMs: config.onlineTimeoutMs, capMs: config.sessionCapMs };
  const derived = [...byDevice.values()].flatMap((reports) => deriveSessions(reports, rules).sessions);
  const lastStart = new Map<number, number>();
  for (const { device, startedAt } of derived)
    lastStart.set(device, Math.max(startedAt, lastStart.get(device) ?? startedAt));
  const texts = (sessions: Session[]): string[] =>
    sessions
      .filter(({ device, startedAt }) => startedAt < (lastStart.get(device) ?? 0))
      .map(({ device, startedAt, endedAt, service, programme }) =>
        [device, startedAt, endedAt, service, programme].join(' '),
      )
      .sort();
  return { stored: texts(stored), derived: texts(derived) };
}

/** Sends a LogIn; answers what was done with it, or the status when it was refused. */
export async function postReport(
  url: string,
  sender: { user: string; password: string; imsi?: string; deviceId?: string },
): Promise<string> {
  const { user, password, imsi, deviceId } = sender;
  const xml = `<LogReport><Message_Type Message_Type_Type="LogInInfo"/><User_ID User_ID_Type="${user}"/><Service_ID
    Service_ID_Type="c1"/><Program_ID Program_ID_Type=""/>${imsi === undefined ? '' : `<IMSI IMSI_Type="${imsi}"/>`}${
      deviceId === undefined ? '' : `<r:Report xmlns:r="urn:pocketmeter:report:1" deviceId="${deviceId}"/>`
    }</LogReport>`;
  const client = createHandsetClient({ url, user, password, keepAlive: false, clock: Date.now });
  const { status, body } = await client.post({ path: '/', body: () => xml, date: () => new Date() });
  client.close();
  return /result="(\w+)"/.exec(body)?.[1] ?? String(status);
}
