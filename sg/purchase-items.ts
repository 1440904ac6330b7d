// The use cases of what can be bought: read by everybody, kept by providers with revisions (G1, G3, G9).

import { Problem } from '../server/problem.ts';
import { type Editor, mayEdit } from './editor.ts';
import type { GuideStore } from './guide-store.ts';
import { checkParts, type PurchaseItem } from './purchase-item.ts';
import type { Turns } from './revision-turn.ts';

/** More would be a list that nobody reads on a handset; all are held in memory where bundles are followed. */
const MAX_ITEMS = 10_000;

export interface PurchaseItems {
  findPurchaseItem(id: string, revision?: number): Promise<PurchaseItem | undefined>;
  /** By the code points of the id. Problem `not_found` for a revision that isn't there yet, `gone` for one that isn't kept. */
  listPurchaseItems(query?: { provider?: string; revision?: number }): Promise<PurchaseItem[]>;
  /**
   * Adds or replaces an item; answers the revision at which it is so. Problem `forbidden` when it, or anything in it, is of another
   * provider; `invalid` when something in it is not there; `conflict` when it would be a part of itself.
   */
  putPurchaseItem(editor: Editor, item: PurchaseItem): Promise<number>;
  /** Problem `not_found`, `forbidden`; `conflict` while it is a part of another. */
  removePurchaseItem(editor: Editor, id: string): Promise<number>;
}

export function createPurchaseItems(deps: {
  store: GuideStore;
  turns: Turns;
  /** The revision to read: the one asked for, else the present one. */
  checked(revision: number | undefined): Promise<number>;
}): PurchaseItems {
  const { store, turns, checked } = deps;

  const listed = async (revision: number): Promise<Map<string, PurchaseItem>> =>
    new Map((await store.listItems(revision)).map((item) => [item.id, item]));

  return {
    async findPurchaseItem(id, revision) {
      return (await listed(await checked(revision))).get(id);
    },

    async listPurchaseItems({ provider, revision } = {}) {
      const items = await store.listItems(await checked(revision));
      return provider === undefined ? items : items.filter((item) => item.provider === provider);
    },

    async putPurchaseItem(editor, item) {
      const { revision } = await turns.edit(async (turn) => {
        const known = await listed(turn.base);
        const services = new Map((await store.listServices(turn.base)).map((service) => [service.id, service]));
        const before = known.get(item.id);
        mayEdit(editor, item.provider, `the purchase item ${item.id}`);
        if (before !== undefined) mayEdit(editor, before.provider, `the purchase item ${item.id}`);
        else if (known.size >= MAX_ITEMS) throw new Problem('conflict', `there may be ${MAX_ITEMS} purchase items`);
        checkParts(item, known, new Set(services.keys()));
        for (const id of item.services) mayEdit(editor, services.get(id)?.provider ?? '', `the service ${id}`);
        for (const id of item.parts) mayEdit(editor, known.get(id)?.provider ?? '', `the purchase item ${id}`);
        if (JSON.stringify(before) !== JSON.stringify(item)) await turn.put({ items: [item] });
      });
      return revision;
    },

    async removePurchaseItem(editor, id) {
      const { revision } = await turns.edit(async (turn) => {
        const known = await listed(turn.base);
        const item = known.get(id);
        if (item === undefined) throw new Problem('not_found', `there is no purchase item ${id}`);
        mayEdit(editor, item.provider, `the purchase item ${id}`);
        const holder = [...known.values()].find(({ parts }) => parts.includes(id));
        if (holder !== undefined) throw new Problem('conflict', `${id} is a part of ${holder.id}`);
        await turn.put({ items: [{ id, removed: true }] });
      });
      return revision;
    },
  };
}
