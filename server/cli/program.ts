// The command line's words: what one does at a desk (O8). Nothing is read or opened before a command runs.

import { Command } from 'commander';
import { accountsCommands } from './accounts-commands.ts';
import { dataCommands } from './data-commands.ts';
import { guideCommands } from './guide-commands.ts';
import { operationCommands } from './operation-commands.ts';
import { pushCommands } from './push-commands.ts';
import { simulateCommand } from './simulate-command.ts';
import { subscriptionsCommands } from './subscriptions-commands.ts';
import { surveyCommands } from './survey-commands.ts';
import { viewingCommands } from './viewing-commands.ts';

/** `exit` is called for help (0) and wrong words (2) instead of ending the process. */
export function createProgram(exit: (code: 0 | 2) => never): Command {
  const program = new Command('pocketmeter')
    .description('pocketmeter at the desk. The same environment variables as the server’s say where the data is.')
    .option('--json', 'answer in JSON')
    .exitOverride((error) => exit(error.exitCode === 0 ? 0 : 2))
    .showHelpAfterError('(--help after a command tells its words)')
    .addHelpText(
      'after',
      `
Commands work on the store itself, also beside a running server. Who is online is in the server's memory: ask GET /online.

Examples:
  $ npm run -s cli -- accounts add abc
  $ npm run -s cli -- guide load fixtures/guide/faulty.xml --provider demo
  $ npm run -s cli -- simulate --handsets 200 --hours 6 --seed 1 --truth truth.json
  $ npm run -s cli -- sessions list --from 2026-03-01T18:00:00Z --to 2026-03-01T23:00:00Z
  $ npm run -s cli -- reports ratings --by programme --format csv
  $ npm run -s cli -- data backup pocketmeter-backup.db
  $ npm run -s cli -- data migrate --to MONGODB_URI

Exit codes: 0 done; 1 refused or failed, the reason is on standard error; 2 wrong words.`,
    );
  accountsCommands(program);
  guideCommands(program);
  subscriptionsCommands(program);
  viewingCommands(program);
  pushCommands(program);
  surveyCommands(program);
  operationCommands(program);
  dataCommands(program);
  simulateCommand(program);
  return program;
}
