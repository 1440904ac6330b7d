// pocketmeter accounts …: who may log in, and who agreed to be measured (O1, O2, O8).

import type { Command } from 'commander';
import { type Account, ROLES } from '../accounts/account.ts';
import { shownAccount } from '../accounts/account-json.ts';
import { readAccountRows } from '../accounts/accounts-csv.ts';
import { Problem } from '../problem.ts';
import { examples, oneOf, whole } from './command-words.ts';
import { atDesk, BY, type Desk, openInput, tell, withProgress } from './desk.ts';
import { readPassword } from './password-input.ts';

const STDIN = 'read the password from standard input';
const TERMINAL = { input: process.stdin, output: process.stderr };

export function accountsCommands(program: Command): void {
  const accounts = program
    .command('accounts')
    .description('who may log in: handset users, providers, operators, administrators, business systems');
  const json = (): boolean => program.opts().json === true;

  examples(
    accounts
      .command('add <user>')
      .description('add one account; without a password option it asks for one')
      .option('--password <text>', 'its password; beware, shells keep a history')
      .option('--password-stdin', STDIN)
      .addOption(oneOf('--role <role>', 'what it may do', ROLES).default('handset'))
      .option('--name <text>', 'how people call it')
      .option('--provider <id>', 'the content provider, for the role provider')
      .action(async (user: string, { password: given, passwordStdin, role, name, provider }) => {
        const password = given ?? (await readPassword(passwordStdin === true, TERMINAL));
        const entry = { user, password, role, ...(name && { name }), ...(provider && { provider }) };
        await atDesk(async (desk) => {
          const account = await desk.accounts.add(entry, BY);
          tell(json(), shown(desk, account), `added ${user} (${account.role})`);
        });
      }),
    'accounts add abc',
    'accounts add abc --password-stdin < password.txt',
    'accounts add news --role provider --provider news-corp',
  );

  examples(
    accounts
      .command('import <file>')
      .description(
        'add or update accounts from CSV with the header user,password,role,name,provider,demographics.region,…',
      )
      .action(async (file: string) => {
        const { stream, size } = await openInput(file);
        const result = await withProgress('bytes', ({ update }) =>
          atDesk((desk) =>
            desk.accounts.import(readAccountRows(stream), { by: BY, onProgress: () => update(stream.bytesRead, size) }),
          ),
        );
        for (const { line, element, rule } of result.faults)
          process.stderr.write(`${file}:${line}: ${element ?? 'row'}: ${rule}\n`);
        const { rows, added, updated, refused } = result;
        tell(json(), result, `${rows} rows: ${added} added, ${updated} updated, ${refused} refused`);
        if (refused > 0) process.exitCode = 1;
      }),
    'accounts import fixtures/accounts/accounts.csv',
  );

  examples(
    accounts
      .command('list')
      .description('list accounts in order of user, a page at a time')
      .addOption(oneOf('--role <role>', 'only of this role', ROLES))
      .option('--after <user>', 'those after this one')
      .option('--limit <n>', 'at most so many', whole(1, 100_000), 100)
      .action(async ({ role, after, limit }) => {
        await atDesk(async (desk) => {
          const list = await desk.accounts.list({ limit, ...(role && { role }), ...(after && { after }) });
          const lines = list.map(({ user, role, name, provider, enabled }) =>
            [user, role, name, provider ?? '', enabled ? '' : 'disabled'].join('\t'),
          );
          const all = list.map((account) => shown(desk, account));
          tell(json(), all, lines.join('\n'));
        });
      }),
    'accounts list --role provider',
    'accounts list --after abc --limit 1000 --json',
  );

  examples(
    accounts
      .command('show <user>')
      .description('show one account, its consent, and whether it is measured')
      .action(async (user: string) => {
        await atDesk(async (desk) => {
          const account = shown(desk, await desk.accounts.get(user));
          const lines = Object.entries(account).map(
            ([name, value]) => `${name}\t${typeof value === 'object' ? JSON.stringify(value) : String(value)}`,
          );
          tell(json(), account, lines.join('\n'));
        });
      }),
    'accounts show abc',
  );

  examples(
    accounts
      .command('password <user> [password]')
      .description('set a new password; without one it asks')
      .option('--password-stdin', STDIN)
      .action(async (user: string, given: string | undefined, { passwordStdin }) => {
        const password = given ?? (await readPassword(passwordStdin === true, TERMINAL));
        await atDesk((desk) => desk.accounts.setPassword(user, password, BY));
        tell(json(), { user }, `changed the password of ${user}`);
      }),
    'accounts password abc',
    'accounts password abc --password-stdin < password.txt',
  );

  examples(
    accounts
      .command('consent <user>')
      .description('say to which version of the terms a user agreed, or that the user no longer does')
      .option('--version <version>', 'the version agreed to')
      .option('--withdraw', 'the consent is withdrawn: the user is not measured')
      .action(async (user: string, { version, withdraw }) => {
        if ((version === undefined) === (withdraw !== true))
          throw new Problem('invalid', 'give one of --version and --withdraw');
        await atDesk(async (desk) => {
          if (withdraw === true) await desk.accounts.withdrawConsent(user, BY);
          else await desk.accounts.recordConsent(user, { version }, BY);
          const account = await desk.accounts.get(user);
          const told = desk.accounts.mayMeasure(account) ? 'is measured' : 'is not measured';
          tell(json(), shown(desk, account), `${user} ${told}`);
        });
      }),
    'accounts consent abc --version 2026-03',
    'accounts consent abc --withdraw',
  );

  for (const [verb, told] of [
    ['enable', 'let an account log in again'],
    ['disable', 'let an account log in no more; nothing of it is lost'],
    ['remove', 'remove an account; its viewing stays, nameless: to erase that too, see data erase'],
  ] as const) {
    examples(
      accounts
        .command(`${verb} <user>`)
        .description(told)
        .action(async (user: string) => {
          await atDesk((desk) => desk.accounts[verb](user, BY));
          tell(json(), { user }, `${verb}d ${user}`);
        }),
      `accounts ${verb} abc`,
    );
  }
}

const shown = (desk: Desk, account: Account): object => ({
  ...shownAccount(account),
  measurable: desk.accounts.mayMeasure(account),
});
