// Kills the database of the suite and starts it again, where MONGODB_SERVER names the script that started it.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const script = process.env.MONGODB_SERVER ?? '';

/** Whether the database is one that may be killed. */
export const isDatabaseOurs = script !== '';

/** `front-crash` kills what speaks to clients, `crash` the whole; both with -9. It is started again, with its data. */
export async function crashDatabase(command: 'front-crash' | 'crash'): Promise<void> {
  const { MONGODB_URI: _given, ...environment } = process.env; // else the script takes it for one that runs elsewhere
  const run = promisify(execFile);
  await run(script, [command], { env: environment });
  await run(script, ['start'], { env: environment });
}
