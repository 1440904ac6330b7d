// pocketmeter jobs … and audit …: what runs by schedule, and who changed what (O1, O8, R15).

import type { Command } from 'commander';
import { shownEntry } from '../accounts/account-json.ts';
import { examples, whole } from './command-words.ts';
import { atDesk, BY, iso, tell } from './desk.ts';

export function operationCommands(program: Command): void {
  const json = (): boolean => program.opts().json === true;
  const jobs = program.command('jobs').description('what runs by schedule');

  examples(
    jobs
      .command('list')
      .description('every job with its schedule and last run')
      .action(async () => {
        const list = await atDesk((desk) => desk.jobs.list());
        const lines = list.map(({ name, schedule, zone, lastRun }) => {
          const last =
            lastRun === undefined
              ? 'never'
              : `${iso(lastRun.startedAt)} ${lastRun.error ?? `${lastRun.rows ?? '?'} rows`}`;
          return [name, schedule, zone, last].join('\t');
        });
        tell(json(), list, lines.join('\n'));
      }),
    'jobs list',
  );

  examples(
    jobs
      .command('run <name>')
      .description('run a job now')
      .action(async (name: string) => {
        const run = await atDesk(async (desk) => (await desk.jobs.runNow(name, BY)).ended);
        tell(json(), run, run.error ?? `${name}: ${run.rows ?? 0} rows`);
        if (run.error !== undefined) process.exitCode = 1;
      }),
    'jobs run retention',
  );

  examples(
    program
      .command('audit')
      .description('what administrators and operators changed')
      .command('list')
      .description('list the audit log, newest first')
      .option('--limit <n>', 'at most so many', whole(1, 100_000), 100)
      .option('--before <id>', 'older than the entry with this id')
      .action(async ({ limit, before }) => {
        const list = await atDesk((desk) => desk.audit.list({ limit, ...(before && { before }) }));
        const lines = list.map(({ id, at, by, action, subject, detail }) =>
          [iso(at), by, action, subject, JSON.stringify(detail), id].join('\t'),
        );
        tell(json(), list.map(shownEntry), lines.join('\n'));
      }),
    'audit list --limit 20',
  );
}
