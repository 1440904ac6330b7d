// Numbers that stand for terminals and identities in viewing data (O2), made with a key so that they can't be guessed back.

import { createHmac, hash } from 'node:crypto';

const BITS_52 = 2 ** 52;
const CACHED = 200_000;

export interface Pseudonyms {
  /** The number of a user's terminal: by its device id, else its IMSI, else the one the user has. Below 2^52. */
  deviceOf(sender: { user: string; deviceId?: string; imsi?: string }): number;
  /** The number of the identity record (user, device id, IMSI). Below 2^52. */
  originOf(sender: { user: string; deviceId?: string; imsi?: string }): number;
}

export function createPseudonyms(key: Buffer): Pseudonyms {
  const cache = new Map<string, number>();
  const numberOf = (text: string): number => {
    let number = cache.get(text);
    if (number === undefined) {
      const digest = createHmac('sha256', key).update(text).digest();
      number = Number(digest.readBigUInt64BE() % BigInt(BITS_52));
      if (cache.size >= CACHED) cache.clear();
      cache.set(text, number);
    }
    return number;
  };
  return {
    // The user is part of it: nobody can end another's sessions by claiming their terminal.
    deviceOf: ({ user, deviceId, imsi }) =>
      numberOf(deviceId === undefined ? `imsi\0${user}\0${imsi ?? ''}` : `device\0${user}\0${deviceId}`),
    originOf: ({ user, deviceId, imsi }) => numberOf(`origin\0${user}\0${deviceId ?? ''}\0${imsi ?? ''}`),
  };
}

/** 52 bits of a hash: names a report's content, or its id. */
export function keyOf(text: string): number {
  return Number.parseInt(hash('md5', text, 'hex').slice(0, 13), 16);
}
