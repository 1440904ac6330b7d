// pocketmeter guide …, sessions …, reports …, jobs …: look at what was measured (O8).

import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { writeRatingReportCsv } from '../../reports/rating-report-csv.ts';
import { writeRatingReportJson } from '../../reports/rating-report-json.ts';
import { writeRatingReportXml } from '../../reports/rating-report-xml.ts';
import { readInstant } from '../http/query.ts';
import { Problem } from '../problem.ts';
import type { Session } from '../viewing/session.ts';
import { statJson, writeStatCsv, writeStatXml } from '../viewing/stat-formats.ts';
import { atDesk, showProgress, tell, waitForServer } from './desk.ts';

const DAY_MS = 24 * 3_600_000;
const PAGE = 1_000;

const WRITERS = { json: writeRatingReportJson, xml: writeRatingReportXml, csv: writeRatingReportCsv };

export function viewingCommands(program: Command): void {
  const guide = program.command('guide').description('the service guide');
  guide
    .command('load <file>')
    .description('load an XMLTV file; it replaces what it covers, all at once or not at all')
    .requiredOption('--provider <id>', 'the content provider of its services')
    .action(async (file: string, { provider }) => {
      const bar = showProgress('programmes', 1);
      const result = await atDesk((desk) =>
        desk.guide.load(createReadStream(file), {
          provider,
          source: file,
          onProgress: ({ programmes }) => bar.update(programmes, Math.max(programmes, 1)),
        }),
      );
      bar.stop();
      for (const { line, rule, message } of result.faults)
        process.stderr.write(`${file}:${line}: ${rule}: ${message}\n`);
      const { revision, services, programmes, skipped } = result;
      tell(
        program.opts().json,
        result,
        `revision ${revision}: ${services} services, ${programmes} programmes, ${skipped} skipped`,
      );
    });
  guide
    .command('show')
    .description('show what is on, by service')
    .option('--service <id>', 'one service')
    .option('--from <time>', 'ISO 8601; default: now')
    .option('--to <time>', 'ISO 8601; default: in six hours')
    .action(async (options) => {
      const { from, to } = windowOf(options, Date.now(), Date.now() + DAY_MS / 4);
      const list = await atDesk((desk) =>
        desk.guide.listProgrammes({ from, to, ...(options.service && { services: [options.service] }) }),
      );
      const lines = list.map(({ service, startAt, stopAt, titles }) =>
        [service, iso(startAt), iso(stopAt), Object.values(titles)[0] ?? ''].join('\t'),
      );
      tell(program.opts().json, list, lines.join('\n'));
    });

  program
    .command('sessions')
    .description('viewing sessions')
    .command('list')
    .description('list the sessions that overlap a window, as text, CSV, XML or JSON (--json)')
    .option('--from <time>', 'ISO 8601; default: a day before --to')
    .option('--to <time>', 'ISO 8601; default: now')
    .option('--user <user>', 'of one user')
    .option('--service <id>', 'of one service')
    .option('--csv', 'as CSV')
    .option('--xml', 'as the method’s Stat records')
    .action(async (options) => {
      const { from, to } = windowOf(options, undefined, Date.now());
      const rows = await atDesk(async ({ accounts, viewing, store }) => {
        await waitForServer(store);
        const viewer = options.user === undefined ? undefined : (await accounts.get(options.user)).viewer;
        const users = new Map<number, string | undefined>();
        const found: (Session & { user?: string })[] = [];
        for (let after: Session | undefined; ; ) {
          const page = await viewing.listSessions({
            from,
            to,
            limit: PAGE,
            ...(viewer === undefined ? {} : { viewer }),
            ...(options.service && { services: [options.service] }),
            ...(after === undefined ? {} : { after }),
          });
          for (const session of page) {
            if (!users.has(session.viewer))
              users.set(session.viewer, (await accounts.findByViewer(session.viewer))?.user);
            const user = users.get(session.viewer);
            found.push(user === undefined ? session : { ...session, user });
          }
          after = page.at(-1);
          if (page.length < PAGE) return found;
        }
      });
      if (options.xml === true) process.stdout.write(writeStatXml(rows));
      else if (options.csv === true || program.opts().json !== true) process.stdout.write(writeStatCsv(rows));
      else tell(true, rows.map(statJson), '');
    });

  program
    .command('reports')
    .description('audience figures')
    .command('ratings')
    .description('a rating report of a window')
    .option('--from <time>', 'ISO 8601; default: a day before --to')
    .option('--to <time>', 'ISO 8601; default: now')
    .option('--by <what>', 'service or programme', 'service')
    .option('--base <base>', 'second or minute', 'second')
    .option('--provider <id>', 'only what this provider may see')
    .option('--format <format>', 'csv, xml or json', 'csv')
    .action(async ({ by, base, provider, format, ...options }) => {
      const write = WRITERS[format as keyof typeof WRITERS];
      if (write === undefined) throw new Problem('invalid', 'a format is csv, xml or json');
      const report = await atDesk(async ({ ratings, store }) => {
        await waitForServer(store);
        const reach = { kSeconds: 60, kind: 'consecutive' as const };
        return ratings.rate({
          ...windowOf(options, undefined, Date.now()),
          by,
          base,
          reach,
          ...(provider && { provider }),
        });
      });
      process.stdout.write(write(report));
    });

  const jobs = program.command('jobs').description('what runs by schedule');
  jobs
    .command('list')
    .description('every job with its schedule and last run')
    .action(async () => {
      const list = await atDesk((desk) => desk.jobs.list());
      const lines = list.map(({ name, schedule, zone, lastRun }) =>
        [
          name,
          schedule,
          zone,
          lastRun === undefined
            ? 'never'
            : `${iso(lastRun.startedAt)} ${lastRun.error ?? `${lastRun.rows ?? '?'} rows`}`,
        ].join('\t'),
      );
      tell(program.opts().json, list, lines.join('\n'));
    });
  jobs
    .command('run <name>')
    .description('run a job now')
    .action(async (name: string) => {
      const run = await atDesk(async (desk) => (await desk.jobs.runNow(name, 'command line')).ended);
      tell(program.opts().json, run, run.error ?? `${name}: ${run.rows ?? 0} rows`);
      if (run.error !== undefined) process.exitCode = 1;
    });
}

const iso = (at: number): string => new Date(at).toISOString();

function windowOf(
  options: { from?: string; to?: string },
  from: number | undefined,
  to: number,
): { from: number; to: number } {
  const end = readInstant(options, 'to') ?? to;
  const start = readInstant(options, 'from') ?? from ?? end - DAY_MS;
  if (start >= end) throw new Problem('invalid', '--from must be before --to');
  return { from: start, to: end };
}
