// Numbers that stand for terminals and identities in viewing data (O2), made with a key so that they can't be guessed back.

import { createHmac, createSecretKey, hash } from 'node:crypto';

const BITS_52 = 2 ** 52;
const CACHED = 200_000;

/** Who a report says it comes from. */
interface Sender {
  user: string;
  deviceId?: string;
  imsi?: string;
}

/** Both below 2^52. */
export interface SenderNumbers {
  /** The user's terminal: by its device id, else its IMSI, else the one the user has. */
  device: number;
  /** The identity record (user, device id, IMSI). */
  origin: number;
}

export interface Pseudonyms {
  numbersOf(sender: Sender): SenderNumbers;
}

export function createPseudonyms(key: Buffer): Pseudonyms {
  const secret = createSecretKey(key);
  const cache = new Map<string, SenderNumbers>();
  const numberOf = (text: string): number => {
    const digest = createHmac('sha256', secret).update(text).digest();
    return Number(digest.readBigUInt64BE() % BigInt(BITS_52));
  };
  return {
    numbersOf({ user, deviceId, imsi }) {
      const name = `origin\0${user}\0${deviceId ?? ''}\0${imsi ?? ''}`;
      let numbers = cache.get(name);
      if (numbers === undefined) {
        // The user is part of it: nobody can end another's sessions by claiming their terminal.
        const device = numberOf(
          deviceId === undefined ? `imsi\0${user}\0${imsi ?? ''}` : `device\0${user}\0${deviceId}`,
        );
        numbers = { device, origin: numberOf(name) };
        if (cache.size >= CACHED) cache.clear();
        cache.set(name, numbers);
      }
      return numbers;
    },
  };
}

/** 52 bits of a hash: names a report's content, or its id. */
export function keyOf(text: string): number {
  return Number.parseInt(hash('md5', text, 'hex').slice(0, 13), 16);
}
