// pocketmeter accounts …: who may log in (O1, O8).

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { readAccountRows } from '../accounts/accounts-csv.ts';
import type { Role } from '../http/caller.ts';
import { Problem } from '../problem.ts';
import { atDesk, BY, showProgress, tell } from './desk.ts';

const ROW_BYTES = 40; // a guess for the bar's length, mended as rows come

export function accountsCommands(program: Command): void {
  const accounts = program
    .command('accounts')
    .description('who may log in: handset users, providers, operators, administrators');

  accounts
    .command('add <user>')
    .description('add one account')
    .requiredOption('--password <text>', 'its password')
    .option('--role <role>', 'handset, provider, operator or administrator', 'handset')
    .option('--name <text>', 'how people call it')
    .option('--provider <id>', 'the content provider, for the role provider')
    .action(async (user: string, { password, role, name, provider }) => {
      const entry = { user, password, role: role as Role, ...(name && { name }), ...(provider && { provider }) };
      const account = await atDesk((desk) => desk.accounts.add(entry, BY));
      tell(program.opts().json, account, `added ${user} (${account.role})`);
    });

  accounts
    .command('import <file>')
    .description('add or update accounts from CSV with the header user,password,role,name,provider')
    .action(async (file: string) => {
      const { size } = await stat(file).catch(() => {
        throw new Problem('not_found', `there is no file ${file}`);
      });
      const bar = showProgress('accounts', Math.ceil(size / ROW_BYTES));
      const result = await atDesk((desk) =>
        desk.accounts.import(readAccountRows(createReadStream(file)), {
          by: BY,
          onProgress: (rows) => bar.update(rows),
        }),
      );
      bar.update(result.rows, result.rows);
      bar.stop();
      for (const { line, element, rule } of result.faults)
        process.stderr.write(`${file}:${line}: ${element ?? 'row'}: ${rule}\n`);
      tell(
        program.opts().json,
        result,
        `${result.rows} rows: ${result.added} added, ${result.updated} updated, ${result.refused} refused`,
      );
      if (result.refused > 0) process.exitCode = 1;
    });

  accounts
    .command('list')
    .description('list accounts in order of user')
    .option('--role <role>', 'only of this role')
    .option('--after <user>', 'those after this one')
    .option('--limit <n>', 'at most so many', '100')
    .action(async ({ role, after, limit }) => {
      const list = await atDesk((desk) =>
        desk.accounts.list({ limit: Number(limit), ...(role && { role }), ...(after && { after }) }),
      );
      const lines = list.map(({ user, role, name, provider, enabled }) =>
        [user, role, name, provider ?? '', enabled ? '' : 'disabled'].join('\t'),
      );
      tell(program.opts().json, list, lines.join('\n'));
    });

  accounts
    .command('password <user> <password>')
    .description('set a new password')
    .action(async (user: string, password: string) => {
      await atDesk((desk) => desk.accounts.setPassword(user, password, BY));
      tell(program.opts().json, { user }, `changed the password of ${user}`);
    });

  for (const verb of ['enable', 'disable'] as const) {
    accounts
      .command(`${verb} <user>`)
      .description(`${verb} an account`)
      .action(async (user: string) => {
        await atDesk((desk) => desk.accounts[verb](user, BY));
        tell(program.opts().json, { user }, `${verb}d ${user}`);
      });
  }
}
