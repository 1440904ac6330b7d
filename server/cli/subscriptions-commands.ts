// pocketmeter subscriptions …: who subscribes to what, from outside (G7, O8).

import type { Command } from 'commander';
import type { Account } from '../accounts/account.ts';
import { Problem } from '../problem.ts';
import { subscriptionJson } from '../subscriptions/subscription-documents.ts';
import { type ImportAnswer, importSubscriptions } from '../subscriptions/subscription-import.ts';
import { examples, instant } from './command-words.ts';
import { atDesk, BY, type Desk, iso, openInput, tell, withProgress } from './desk.ts';

export function subscriptionsCommands(program: Command): void {
  const subscriptions = program.command('subscriptions').description('who subscribes to what');
  const json = (): boolean => program.opts().json === true;

  examples(
    subscriptions
      .command('list <user>')
      .description('list what a user has, since when and until when')
      .action(async (user: string) => {
        const items = await atDesk(async (desk) => desk.subscriptions.list(await viewerOf(desk, user)));
        const lines = items.map(({ item, since, until, bought }) =>
          [item, iso(since), until === undefined ? '' : iso(until), bought].join('\t'),
        );
        tell(json(), items.map(subscriptionJson), lines.join('\n'));
      }),
    'subscriptions list abc',
  );

  examples(
    subscriptions
      .command('order <user> <item>')
      .description('order a purchase item for a user; ordered again it stays as it is, unless --until is another')
      .option('--until <time>', 'ISO 8601; default: as long as the item’s period', instant)
      .action(async (user: string, item: string, { until }) => {
        const done = await atDesk(async (desk) => {
          const times = until === undefined ? {} : { until };
          const viewer = await enabledViewerOf(desk, user);
          if (viewer === undefined) throw new Problem('not_found', `there is no enabled handset user ${user}`);
          const ordered = await desk.subscriptions.order(viewer, { item, bought: 'operator', ...times });
          if (ordered.isChanged) await record(desk, 'subscription.order', user, { item });
          return ordered;
        });
        const { isNew, isChanged, subscription, coveredBy } = done;
        const verb = isNew ? 'ordered' : isChanged ? 'changed' : 'has';
        const end = subscription.until === undefined ? 'for good' : `until ${iso(subscription.until)}`;
        const covered = coveredBy.length === 0 ? '' : `; all of it comes with ${coveredBy.join(', ')} already`;
        tell(json(), { ...done, subscription: subscriptionJson(subscription) }, `${verb} ${item} ${end}${covered}`);
      }),
    'subscriptions order abc basic',
    'subscriptions order abc basic --until 2027-01-01',
  );

  examples(
    subscriptions
      .command('cancel <user> <item>')
      .description('cancel a purchase item of a user, at once')
      .action(async (user: string, item: string) => {
        const done = await atDesk(async (desk) => {
          const cancelled = await desk.subscriptions.cancel(await viewerOf(desk, user), item);
          if (cancelled.isChanged) await record(desk, 'subscription.cancel', user, { item });
          return cancelled;
        });
        const left = done.stillEntitled.length === 0 ? '' : `; still entitled to ${done.stillEntitled.join(', ')}`;
        tell(json(), done, `${done.isChanged ? 'cancelled' : 'did not have'} ${item}${left}`);
      }),
    'subscriptions cancel abc basic',
  );

  examples(
    subscriptions
      .command('import <file>')
      .description('order and cancel from CSV with the header user,item and, if wanted, action,since,until')
      .action(async (file: string) => {
        const { stream, size } = await openInput(file);
        const counts: Record<ImportAnswer['outcome'], number> = {
          ordered: 0,
          changed: 0,
          cancelled: 0,
          unchanged: 0,
          refused: 0,
        };
        await withProgress('bytes', ({ update }) =>
          atDesk(async (desk) => {
            const findViewer = (user: string) => enabledViewerOf(desk, user);
            for await (const answer of importSubscriptions({ ...desk, findViewer }, stream)) {
              counts[answer.outcome] += 1;
              update(stream.bytesRead, size);
              const { line, outcome, user, item, reason } = answer;
              const text = [line, outcome, user ?? '', item ?? '', reason ?? ''].join('\t');
              process.stdout.write(`${json() ? JSON.stringify(answer) : text}\n`);
            }
            await record(desk, 'subscription.import', 'subscriptions', counts);
          }),
        );
        const told = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
        tell(json(), counts, told.join(', '));
        if (counts.refused > 0) process.exitCode = 1;
      }),
    'subscriptions import fixtures/subscriptions/subscriptions.csv',
  );
}

const findUser = async (desk: Desk, user: string): Promise<Account | undefined> => {
  const found = await desk.accounts.find(user);
  return found?.role === 'handset' ? found : undefined;
};

async function viewerOf(desk: Desk, user: string): Promise<number> {
  const found = await findUser(desk, user);
  if (found === undefined) throw new Problem('not_found', `there is no handset user ${user}`);
  return found.viewer;
}

async function enabledViewerOf(desk: Desk, user: string): Promise<number | undefined> {
  const found = await findUser(desk, user);
  return found?.enabled === true ? found.viewer : undefined;
}

const record = (desk: Desk, action: string, subject: string, detail: Record<string, string | number>): Promise<void> =>
  desk.audit.record({ by: BY, action, subject, detail });
