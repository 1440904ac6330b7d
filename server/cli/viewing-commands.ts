// pocketmeter sessions … and reports …: what was measured (V13, R14, O8).

import type { Command } from 'commander';
import { writeRatingReportCsv } from '../../reports/ratings/rating-report-csv.ts';
import { writeRatingReportJson } from '../../reports/ratings/rating-report-json.ts';
import { writeRatingReportXml } from '../../reports/ratings/rating-report-xml.ts';
import { DEFAULT_REACH_S } from '../../reports/ratings/rules.ts';
import type { Session } from '../viewing/session.ts';
import { type SessionRow, statJson, writeStatCsv, writeStatXml } from '../viewing/stat-formats.ts';
import { breakdown, examples, oneOf, windowOf, withWindow } from './command-words.ts';
import { atDesk, type Desk, tell } from './desk.ts';

const PAGE = 1_000;

const WRITERS = { json: writeRatingReportJson, xml: writeRatingReportXml, csv: writeRatingReportCsv };

export function viewingCommands(program: Command): void {
  const json = (): boolean => program.opts().json === true;

  examples(
    withWindow(
      program
        .command('sessions')
        .description('viewing sessions')
        .command('list')
        .description('list the sessions that overlap a window, as CSV, XML or JSON (--json)'),
      'a day before --to',
      'now',
    )
      .option('--user <user>', 'of one user')
      .option('--service <id>', 'of one service')
      .option('--csv', 'as CSV, which is the default')
      .option('--xml', 'as the method’s Stat records')
      .action(async ({ user, service, csv, xml, ...window }) => {
        const rows = await atDesk((desk) => rowsOf(desk, windowOf(window, { to: Date.now() }), user, service));
        if (xml === true) process.stdout.write(writeStatXml(rows));
        else if (json() && csv !== true) tell(true, rows.map(statJson), '');
        else process.stdout.write(writeStatCsv(rows));
      }),
    'sessions list --service 01',
    'sessions list --user abc --from 2026-03-01T18:00:00Z --to 2026-03-01T23:00:00Z --xml',
  );

  examples(
    withWindow(
      program
        .command('reports')
        .description('audience figures')
        .command('ratings')
        .description('a rating report of a window'),
      'a day before --to',
      'now',
    )
      .option('--by <what>', 'what a row is of, such as service,quarter-hour,region; default: service', breakdown)
      .addOption(oneOf('--base <base>', 'what is counted', ['second', 'minute']).default('second'))
      .option('--provider <id>', 'only what this provider may see')
      .addOption(oneOf('--format <format>', 'default: csv, or json with --json', Object.keys(WRITERS)))
      .action(async ({ by, base, provider, format, ...window }) => {
        const report = await atDesk(async ({ reports }) => {
          const reach = { kSeconds: DEFAULT_REACH_S, kind: 'consecutive' as const };
          const own = provider === undefined ? {} : { provider };
          const rows = by ?? breakdown('service');
          return await reports.archive.rate({ ...windowOf(window, { to: Date.now() }), by: rows, base, reach, ...own });
        });
        const write = WRITERS[(format ?? (json() ? 'json' : 'csv')) as keyof typeof WRITERS];
        process.stdout.write(write(report));
      }),
    'reports ratings --by programme',
    'reports ratings --from 2026-03-01 --to 2026-03-08 --provider news-corp --format xml',
  );
}

/** All sessions of the window, with the names of their users. */
async function rowsOf(
  { accounts, viewing }: Desk,
  window: { from: number; to: number },
  user: string | undefined,
  service: string | undefined,
): Promise<SessionRow[]> {
  const query = {
    ...window,
    limit: PAGE,
    ...(user === undefined ? {} : { viewer: (await accounts.get(user)).viewer }),
    ...(service === undefined ? {} : { services: [service] }),
  };
  const users = new Map<number, string | undefined>();
  const found: SessionRow[] = [];
  for (let after: Session | undefined; ; ) {
    const page = await viewing.listSessions({ ...query, ...(after === undefined ? {} : { after }) });
    for (const session of page) {
      const { viewer } = session;
      if (!users.has(viewer)) users.set(viewer, (await accounts.findByViewer(viewer))?.user);
      const name = users.get(viewer);
      found.push(name === undefined ? session : { ...session, user: name });
    }
    after = page.at(-1);
    if (page.length < PAGE) return found;
  }
}
