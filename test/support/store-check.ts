// Holds a store against what handsets saw acknowledged: each report once, and sessions as the reports make them (V11, V17).

import { join } from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../server/config.ts';
import { openDatabase } from '../../server/store/sqlite/database.ts';
import { deriveSessions } from '../../server/viewing/derive-sessions.ts';
import type { Session } from '../../server/viewing/session.ts';
import { type SessionRow, statJson } from '../../server/viewing/stat-formats.ts';
import { numberOf, type ReportingHandset } from './reporting-handsets.ts';
import { onData, type ServerProcess } from './server-process.ts';

const PAGE = 1_000;

/** Every session of the last day, as the public API tells them to the administrator. */
export async function listSessions(server: ServerProcess): Promise<object[]> {
  const items: object[] = [];
  for (let after = ''; ; ) {
    const answer = await server.ask(`/sessions?limit=${PAGE}${after}`);
    expect(answer.status).to.equal(200);
    const page = (await answer.json()) as { items: object[]; next?: string };
    items.push(...page.items);
    if (page.next === undefined) return items;
    after = `&after=${page.next}`;
  }
}

/**
 * What is wrong with the log: acknowledged reports that are not there, and reports that are there twice. The rows are read
 * one by one, since a long run leaves millions.
 */
export async function findLostAndDoubled(
  dataDir: string,
  handsets: readonly ReportingHandset[],
): Promise<{ stored: number; lost: string[]; doubled: string[] }> {
  const times = new Map<number, Uint8Array>();
  const tallies = await onData(dataDir, async ({ accounts, viewing }, { reports }) => {
    // Doubles go when a report is settled. Who waits for that is told after some time to come again.
    while ((await reports.listUnsettled(1)).length > 0) {
      await viewing.listSessions({ from: 0, to: 1, limit: 1 }).catch(() => undefined);
    }
    return Promise.all(
      handsets.map(async (handset) => {
        const tally = new Uint8Array(handset.acknowledged + 1); // the last may be stored without an answer
        times.set((await accounts.get(handset.user)).viewer, tally);
        return { ...handset, tally };
      }),
    );
  });
  let stored = 0;
  const database = openDatabase(join(dataDir, 'pocketmeter.db'));
  for (const row of database.iterate('SELECT viewer, programme, more FROM report ORDER BY arrival')) {
    stored += 1;
    const more: { reportId?: string } = row.more === null ? {} : JSON.parse(String(row.more));
    const number = numberOf({ programme: String(row.programme), ...more });
    const tally = times.get(Number(row.viewer));
    if (tally !== undefined) tally[number] = (tally[number] ?? 0) + 1;
  }
  database.close();
  const lost: string[] = [];
  const doubled: string[] = [];
  for (const { user, acknowledged, tally } of tallies) {
    for (const [number, count] of tally.entries()) {
      if (count === 0 && number < acknowledged) lost.push(`${user} ${number}`);
      if (count > 1) doubled.push(`${user} ${number}: ${count} times`);
    }
  }
  return { stored, lost, doubled };
}

/** What `deriveSessions` makes of all stored reports at once, in the order and form of the API. */
export async function deriveAnew(dataDir: string): Promise<object[]> {
  const config = readConfig({ DATA_DIR: dataDir });
  const rules = { ...config, timeoutMs: config.onlineTimeoutMs, capMs: config.sessionCapMs };
  return onData(dataDir, async ({ accounts }, store) => {
    const counted = (await store.reports.listReceivedSince(0)).filter((report) => report.quarantine === undefined);
    const byDevice = Map.groupBy(counted, (report) => report.device);
    const sessions = [...byDevice.values()].flatMap((reports) => deriveSessions(reports, rules).sessions);
    const users = new Map<number, string>();
    for (const { viewer, user } of await accounts.list({ role: 'handset', limit: Number.MAX_SAFE_INTEGER })) {
      users.set(viewer, user);
    }
    return sessions.sort(inOrder).map((session): object => {
      const row: SessionRow = { ...session, user: users.get(session.viewer) ?? '' };
      return statJson(row);
    });
  });
}

function inOrder(a: Session, b: Session): number {
  return (
    a.startedAt - b.startedAt ||
    a.device - b.device ||
    (a.service < b.service ? -1 : a.service > b.service ? 1 : 0) ||
    (a.programme < b.programme ? -1 : a.programme > b.programme ? 1 : 0)
  );
}
