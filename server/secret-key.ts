// The key that seals credentials at rest (V7): from the configuration, else made once and kept beside the store.

import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from './config.ts';
import { Problem } from './problem.ts';

/** Where the key comes from, for people. */
export const nameSecretKey = ({ secretKey, dataDir }: Pick<Config, 'secretKey' | 'dataDir'>): string =>
  secretKey === undefined ? keyFileIn(dataDir) : 'the value of SECRET_KEY';

export const keyFileIn = (dataDir: string): string => join(dataDir, 'secret.key');

const KEY_BYTES = 32;
const OWNER_ONLY = 0o600;

/**
 * The 32 bytes. Without `secretKey` they are in `dataDir`/secret.key, which is made when there is none: losing that file loses
 * every credential. Problem `invalid` when the file does not hold a key.
 */
export function readSecretKey({ secretKey, dataDir }: Pick<Config, 'secretKey' | 'dataDir'>): Buffer {
  if (secretKey !== undefined) return secretKey;
  const path = keyFileIn(dataDir);
  const key = findKey(path) ?? makeKey(dataDir, path);
  if (key.length !== KEY_BYTES)
    throw new Problem('invalid', `${path} does not hold a key of ${KEY_BYTES} bytes in base64`);
  return key;
}

function findKey(path: string): Buffer | undefined {
  try {
    return Buffer.from(readFileSync(path, 'latin1').trim(), 'base64');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, and one for all processes that start at once: written aside, then linked if nobody was first. */
function makeKey(dataDir: string, path: string): Buffer {
  mkdirSync(dataDir, { recursive: true });
  const aside = `${path}.${process.pid}`;
  rmSync(aside, { force: true });
  const file = openSync(aside, 'wx', OWNER_ONLY);
  try {
    writeSync(file, `${randomBytes(KEY_BYTES).toString('base64')}\n`);
    fsyncSync(file);
    linkSync(aside, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    closeSync(file);
    rmSync(aside, { force: true });
  }
  const folder = openSync(dataDir, 'r');
  fsyncSync(folder); // the name must outlive a power cut, too
  closeSync(folder);
  return findKey(path) ?? Buffer.alloc(0);
}
