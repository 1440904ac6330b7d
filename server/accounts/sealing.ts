// Keeps small secrets sealed at rest with a key from the configuration: AES-256-GCM (V6, O2).

import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';

export interface Sealing {
  /** A sealed text that only `open` with the same key and context gives back. Two seals of one text differ. */
  seal(text: string, context: string): string;
  /** The text. An Error when the key or the context is another, or the sealed text was changed. */
  open(sealed: string, context: string): string;
}

const VERSION = 'v1.'; // tells the algorithm, so that a later one can be read beside it
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `context` binds a sealed text to its place (such as a user), so that it can't be copied to another. Key: 32 bytes. */
export function createSealing(key: Buffer): Sealing {
  if (key.length !== 32) throw new Error(`a sealing key has 32 bytes, not ${key.length}`);
  const secret = createSecretKey(key);
  return {
    seal(text, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', secret, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(context));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return VERSION + sealed.toString('base64url');
    },
    open(sealed, context) {
      if (!sealed.startsWith(VERSION)) throw new Error('a sealed text is of an unknown version');
      const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('a sealed text is too short');
      const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(context));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
      } catch (cause) {
        throw new Error('a sealed text does not open: the key is another, or it was changed', { cause });
      }
    },
  };
}
