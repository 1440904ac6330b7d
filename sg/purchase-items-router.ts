// What can be bought, over HTTP: a provider's own purchase items (G1, G3, G9).

import { Router } from 'express';
import { callerOf, type Guard } from '../server/http/caller.ts';
import { readJsonObject } from '../server/http/json-body.ts';
import { readText } from '../server/http/query.ts';
import { sendPage } from '../server/http/send-page.ts';
import { Problem } from '../server/problem.ts';
import { editorOf } from './editor.ts';
import { purchaseItemFromBody, purchaseItemOut } from './purchase-item-body.ts';
import type { PurchaseItems } from './purchase-items.ts';

const MAX_BODY_BYTES = 1_048_576; // a thousand ids and texts in every language there is

export function purchaseItemsRouter({ guide, guard }: { guide: PurchaseItems; guard: Guard }): Router {
  const router = Router();
  const writers = guard('provider', 'administrator');
  const readers = guard('handset', 'provider', 'operator', 'administrator', 'business');

  router.get('/sg/purchase-items', readers, async (request, response) => {
    const provider = readText(request.query, 'provider');
    const items = await guide.listPurchaseItems(provider === undefined ? {} : { provider });
    sendPage(request, response, items.map(purchaseItemOut));
  });

  router.get('/sg/purchase-items/:id', readers, async (request, response) => {
    const id = String(request.params.id);
    const item = await guide.findPurchaseItem(id);
    if (item === undefined) throw new Problem('not_found', `there is no purchase item ${id}`);
    response.json(purchaseItemOut(item));
  });

  router.put('/sg/purchase-items/:id', writers, async (request, response) => {
    const caller = callerOf(response);
    const id = String(request.params.id);
    const before = await guide.findPurchaseItem(id);
    const body = await readJsonObject(request, { limitBytes: MAX_BODY_BYTES });
    const item = purchaseItemFromBody(body, id, caller.provider ?? caller.user, before);
    await guide.putPurchaseItem(editorOf(caller), item);
    response.status(before === undefined ? 201 : 200).json(purchaseItemOut(item));
  });

  router.delete('/sg/purchase-items/:id', writers, async (request, response) => {
    await guide.removePurchaseItem(editorOf(callerOf(response)), String(request.params.id));
    response.status(204).end();
  });

  return router;
}
