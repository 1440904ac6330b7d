// What Node has compiled once is not compiled again by each process that a test starts: that halves what a start costs.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'pocketmeter-compiled-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** For the environment of a process; the folder is there as long as the tests run. */
export const COMPILED = { NODE_COMPILE_CACHE: folder };
