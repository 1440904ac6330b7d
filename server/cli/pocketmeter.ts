#!/usr/bin/env node
// The command line: what one does at a desk (O8). It works on the configured store, also beside a running server.

import { Command } from 'commander';
import { Problem } from '../problem.ts';
import { accountsCommands } from './accounts-commands.ts';
import { simulateCommand } from './simulate-command.ts';
import { viewingCommands } from './viewing-commands.ts';

const program = new Command('pocketmeter')
  .description('pocketmeter at the desk. The same environment variables as the server’s say where the data is.')
  .option('--json', 'answer in JSON')
  .showHelpAfterError()
  .addHelpText(
    'after',
    `
Examples:
  $ npm run -s cli -- accounts add abc --password secret
  $ npm run -s cli -- simulate --handsets 200 --hours 6 --seed 1 --truth truth.json
  $ npm run -s cli -- sessions list --from 2026-03-01T18:00:00Z --to 2026-03-01T23:00:00Z --csv
  $ npm run -s cli -- reports ratings --by programme --format csv

Exit codes: 0 done; 1 refused or failed, the reason is on standard error; 2 wrong words.`,
  );
accountsCommands(program);
viewingCommands(program);
simulateCommand(program);

program.exitOverride((error) => {
  process.exit(error.exitCode === 0 ? 0 : 2);
});
program.parseAsync().catch((error: unknown) => {
  const told =
    error instanceof Problem ? error.detail : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`pocketmeter: ${told}\n`);
  process.exit(1);
});
