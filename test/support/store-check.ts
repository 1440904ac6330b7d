// Holds a store against what handsets saw acknowledged: each report once, and sessions as the reports make them (V11, V17).

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { readConfig } from '../../server/config.ts';
import { openDatabase } from '../../server/store/sqlite/database.ts';
import { deriveSessions } from '../../server/viewing/derive-sessions.ts';
import type { StoredReport } from '../../server/viewing/report.ts';
import type { Session } from '../../server/viewing/session.ts';
import { type SessionRow, statJson } from '../../server/viewing/stat-formats.ts';
import { numberOf, type Reporting, type ReportingHandset } from './reporting-handsets.ts';
import { type Environment, onData, type ServerProcess } from './server-process.ts';

const PAGE = 1_000;

/** What the server answers; while it says 503, it is asked again when it says so. */
export async function askUntilServed(server: Pick<ServerProcess, 'ask'>, path: string): Promise<unknown> {
  for (;;) {
    const answer = await server.ask(path);
    if (answer.status === 200) return answer.json();
    expect(answer.status, await answer.text()).to.equal(503);
    await sleep(1_000 * Number(answer.headers.get('retry-after')));
  }
}

/** Every session of the last day, as the public API tells them to the administrator. */
export async function listSessions(server: Pick<ServerProcess, 'ask'>): Promise<object[]> {
  const items: object[] = [];
  for (let after = ''; ; ) {
    const page = (await askUntilServed(server, `/sessions?limit=${PAGE}${after}`)) as {
      items: object[];
      next?: string;
    };
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
  environment: Environment,
  handsets: readonly ReportingHandset[],
): Promise<{ stored: number; lost: string[]; doubled: string[] }> {
  const times = new Map<number, Uint8Array>();
  let stored = 0;
  const count = (viewer: number, report: Pick<StoredReport, 'reportId' | 'programme'>): void => {
    stored += 1;
    const number = numberOf(report);
    const tally = times.get(viewer);
    if (tally !== undefined) tally[number] = (tally[number] ?? 0) + 1;
  };
  const tallies = await onData(environment, async ({ accounts, viewing }, { reports }) => {
    // Doubles go when a report is settled. Who waits for that is told after some time to come again.
    while ((await reports.listUnsettled(1)).length > 0) {
      await viewing.listSessions({ from: 0, to: 1, limit: 1 }).catch(() => undefined);
    }
    return Promise.all(
      handsets.map(async (handset) => {
        const { viewer } = await accounts.get(handset.user);
        const tally = new Uint8Array(handset.acknowledged + 1); // the last may be stored without an answer
        times.set(viewer, tally);
        if (environment.MONGODB_URI === undefined) return { ...handset, tally };
        for await (const page of viewing.exportViewer(viewer)) for (const report of page) count(viewer, report);
        return { ...handset, tally };
      }),
    );
  });
  // The embedded store has no index by viewer: there the whole log is read once, and not once for each handset.
  if (environment.MONGODB_URI === undefined) {
    const database = openDatabase(join(environment.DATA_DIR, 'pocketmeter.db'));
    for (const row of database.iterate('SELECT viewer, programme, more FROM report ORDER BY arrival')) {
      const more: { reportId?: string } = row.more === null ? {} : JSON.parse(String(row.more));
      count(Number(row.viewer), { programme: String(row.programme), ...more });
    }
    database.close();
  }
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

/** Fails unless each report that was acknowledged to these handsets is stored, once, and each answer was whole or none. */
export async function expectEachOnce(environment: Environment, reporting: Reporting): Promise<void> {
  const { stored, ...wrong } = await findLostAndDoubled(environment, reporting.handsets);
  expect(wrong).to.deep.equal({ lost: [], doubled: [] });
  expect(stored).to.be.at.least(reporting.acknowledged());
  expect(reporting.broken.filter((text) => text.startsWith('HTTP/1.1 200'))).to.deep.equal([]);
}

/** What `deriveSessions` makes of all stored reports at once, in the order and form of the API. */
export async function deriveAnew(environment: Environment): Promise<object[]> {
  const config = readConfig(environment);
  const rules = { ...config, timeoutMs: config.onlineTimeoutMs, capMs: config.sessionCapMs };
  return onData(environment, async ({ accounts }, store) => {
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
