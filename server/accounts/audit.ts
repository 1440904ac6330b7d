// The audit log: who changed what, newest first; no secret and no password is ever in it (O1).

import { randomBytes } from 'node:crypto';
import type { AuditEntry, AuditStore } from './account-store.ts';

export interface Audit {
  record(entry: { by: string; action: string; subject: string; detail?: AuditEntry['detail'] }): Promise<void>;
  /** Newest first; `before` is the id of the last entry of the page before. */
  list(query: { before?: string; limit: number }): Promise<AuditEntry[]>;
  /** Makes the entries of a user who was erased nameless (O2). */
  forget(user: string): Promise<void>;
}

const ERASED = '(erased)';

export function createAudit({ store, clock }: { store: AuditStore; clock: () => number }): Audit {
  let sequence = 0;
  return {
    async record({ by, action, subject, detail }) {
      const at = clock();
      sequence = (sequence + 1) % 36 ** 4;
      // Sorts by time, then by order within this process; the random end keeps processes apart.
      const id =
        at.toString(36).padStart(9, '0') + sequence.toString(36).padStart(4, '0') + randomBytes(4).toString('hex');
      await store.append({ id, at, by, action, subject, detail: detail ?? {} });
    },
    list: (query) => store.list(query),
    forget: (user) => store.replaceName(user, ERASED),
  };
}
