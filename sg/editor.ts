// Who changes the guide, and what of it (G3).

import type { Caller } from '../server/http/caller.ts';
import { Problem } from '../server/problem.ts';

/** A provider changes what is its own, an administrator anything. */
export type Editor = { role: 'administrator' } | { role: 'provider'; provider: string };

/** Problem `forbidden` when `what`, which belongs to the provider `owner`, is not the editor's to change. */
export function mayEdit(editor: Editor, owner: string, what: string): void {
  if (editor.role === 'administrator' || editor.provider === owner) return;
  throw new Problem('forbidden', `${what} is of another provider`);
}

/** The editor that a caller is. Problem `forbidden` for a provider's account without a provider. */
export function editorOf({ role, provider }: Pick<Caller, 'role' | 'provider'>): Editor {
  if (role === 'administrator') return { role: 'administrator' };
  if (provider === undefined) throw new Problem('forbidden', 'the account has no provider');
  return { role: 'provider', provider };
}
