#!/usr/bin/env node
// The command line's start and end: runs the words given, and says in one line why it could not.

import { Problem } from '../problem.ts';
import { createProgram } from './program.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1); // who reads has seen enough, as `head` has
});

const program = createProgram((code) => process.exit(code));
program.parseAsync().catch((error: unknown) => {
  const told =
    error instanceof Problem ? error.detail : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`pocketmeter: ${error instanceof Problem ? told.replaceAll('\n', ' ') : told}\n`);
  process.exit(1);
});
