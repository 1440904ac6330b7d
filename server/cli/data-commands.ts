// pocketmeter data …: back-ups of the embedded store, moving to another one, and all that is kept about one user (O2, O7, O8).

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { Problem } from '../problem.ts';
import { nameSecretKey } from '../secret-key.ts';
import { backUp, restore } from '../store/back-up.ts';
import { openSqliteStore } from '../store/sqlite/open-sqlite-store.ts';
import { examples } from './command-words.ts';
import { atDesk, BY, type Desk, tell, withProgress, withStore } from './desk.ts';
import { migrateCommand } from './migrate-command.ts';

/** Events that were stored after the back-up had numbers which are given out again: the ids that handsets have of them are void. */
const renewEpoch = ({ store }: Desk): Promise<void> => store.events.renewEpoch(randomBytes(9).toString('base64url'));

export function dataCommands(program: Command): void {
  const data = program.command('data').description('back-ups, and all that is kept about a user');
  const json = (): boolean => program.opts().json === true;

  examples(
    data
      .command('backup <file>')
      .description('copy the store to one file, also beside a running server, and read the copy whole')
      .option('--force', 'replace the file if it is there')
      .action(async (file: string, { force }) => {
        const config = embedded();
        const { sizeBytes } = await withProgress('MB', ({ update }) =>
          backUp(config.dataDir, file, {
            force: force === true,
            onProgress: (done, total) => update(megabytes(done), megabytes(total)),
          }),
        );
        await atDesk(({ audit }) => audit.record({ by: BY, action: 'data.backup', subject: file }));
        const key = nameSecretKey(config);
        tell(
          json(),
          { file, sizeBytes, key },
          `backed up to ${file}: ${megabytes(sizeBytes)} MB, read again and whole\n` +
            `The key is not in it. Keep ${key} too, in another place: without it no handset can log in, and no sender be told.`,
        );
      }),
    'data backup pocketmeter-backup.db',
    'data backup --force /mnt/backups/pocketmeter.db',
  );

  examples(
    data
      .command('restore <file>')
      .description('make a back-up the data of DATA_DIR; not while a server runs on it')
      .option('--force', 'move the data that is there aside')
      .action(async (file: string, { force }) => {
        const config = embedded();
        if (config.secretKey === undefined && !existsSync(nameSecretKey(config)))
          throw new Problem(
            'not_found',
            `there is no ${nameSecretKey(config)}: put there the key of the server backed up`,
          );
        const { sizeBytes, formerData } = await withProgress('MB', ({ update }) =>
          restore(config.dataDir, file, {
            force: force === true,
            now: Date.now(),
            onProgress: (done, total) => update(megabytes(done), megabytes(total)),
            accept: (copy) => withStore(openSqliteStore(copy), config, renewEpoch), // refuses another key
          }),
        );
        await atDesk(async ({ accounts, audit, store }) => {
          await audit.record({ by: BY, action: 'data.restore', subject: file });
          const count = await accounts.count({});
          const last = await store.reports.findLastReceivedAt();
          const lastReportAt = last === undefined ? undefined : new Date(last).toISOString();
          tell(
            json(),
            { file, sizeBytes, accounts: count, lastReportAt, formerData },
            `restored ${file}: ${megabytes(sizeBytes)} MB, ${count} accounts, last report ${lastReportAt ?? 'none'}` +
              (formerData === undefined ? '' : `\nThe former data is ${formerData}: remove it when you are content`),
          );
        });
      }),
    'data restore pocketmeter-backup.db',
    'data restore --force /mnt/backups/pocketmeter.db',
  );

  examples(
    data
      .command('export <user>')
      .description('all that is kept about a user, as JSON')
      .option('--out <file>', 'write to this new file, which only its owner may read')
      .action(async (user: string, { out }) => {
        await atDesk(async ({ userData, accounts }) => {
          await accounts.get(user);
          if (out !== undefined && existsSync(out)) throw new Problem('conflict', `${out} is there already`);
          const pieces = userData.export(user, BY);
          if (out === undefined) {
            for await (const piece of pieces) if (!process.stdout.write(piece)) await once(process.stdout, 'drain');
          } else {
            await pipeline(pieces, createWriteStream(out, { flags: 'wx', mode: 0o600 }));
            tell(json(), { user, out }, `wrote all that is kept about ${user} to ${out}`);
          }
        });
      }),
    'data export abc',
    'data export abc --out abc.json',
  );

  examples(
    data
      .command('erase <user>')
      .description('erase a user: the account, its terminals, its viewing and its name in the audit log')
      .option('--yes', 'really: there is no way back')
      .addHelpText(
        'after',
        '\nIt takes some seconds: a running server believes for so long what it last read of the account. On the' +
          '\nonline list a device of the user stays, nameless, until ONLINE_TIMEOUT_S is over. Back-ups keep the user.',
      )
      .action(async (user: string, { yes }) => {
        await atDesk(async ({ userData, accounts }) => {
          await accounts.get(user);
          if (yes !== true) throw new Problem('invalid', `nothing erased: say --yes to erase ${user} for good`);
          await userData.erase(user, BY);
        });
        tell(json(), { user }, `erased ${user}; back-ups made before still hold the data`);
      }),
    'data erase abc --yes',
  );

  migrateCommand(data, json);
}

const megabytes = (sizeBytes: number): number => Math.round(sizeBytes / 100_000) / 10;

function embedded(): Config {
  const config = readConfig();
  if (config.mongodbUri === undefined) return config;
  throw new Problem('unsupported', 'this is for the embedded store; for MongoDB use mongodump and mongorestore');
}
