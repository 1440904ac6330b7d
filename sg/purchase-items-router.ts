// What can be bought, over HTTP: a provider's own purchase items (G1, G3, G9).

import { type ErrorRequestHandler, Router } from 'express';
import { callerOf, type Guard } from '../server/http/caller.ts';
import { readJsonObject } from '../server/http/json-body.ts';
import { readText } from '../server/http/query.ts';
import { readBody } from '../server/http/request-body.ts';
import { sendPage } from '../server/http/send-page.ts';
import { sendsXml, xmlProblems } from '../server/http/xml-or-json.ts';
import { Problem } from '../server/problem.ts';
import { editorOf } from './editor.ts';
import type { PurchaseItem } from './purchase-item.ts';
import { purchaseItemFromBody, purchaseItemOut } from './purchase-item-body.ts';
import type { PurchaseItems } from './purchase-items.ts';
import { takeFragment } from './service-guide-reading.ts';
import { itemXml, ROOT_NAMESPACE } from './service-guide-xml.ts';

const MAX_BODY_BYTES = 1_048_576; // a thousand ids and texts in every language there is

export interface PurchaseItemsRouterDeps {
  guide: PurchaseItems;
  guard: Guard;
  /** Tells those who sent XML what is wrong. */
  encodeXmlProblem: ErrorRequestHandler;
}

export function purchaseItemsRouter({ guide, guard, encodeXmlProblem }: PurchaseItemsRouterDeps): Router {
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
    const put = async (body: Readonly<Record<string, unknown>>): Promise<PurchaseItem> => {
      const item = purchaseItemFromBody(body, id, caller.provider ?? caller.user, before);
      await guide.putPurchaseItem(editorOf(caller), item);
      return item;
    };
    const item = sendsXml(request)
      ? await takeFragment(await readBody(request, MAX_BODY_BYTES), { name: 'PurchaseItem', id }, put)
      : await put(await readJsonObject(request, { limitBytes: MAX_BODY_BYTES }));
    response.status(before === undefined ? 201 : 200);
    if (sendsXml(request)) response.type('application/xml').send(itemXml(item, ROOT_NAMESPACE));
    else response.json(purchaseItemOut(item));
  });

  router.delete('/sg/purchase-items/:id', writers, async (request, response) => {
    await guide.removePurchaseItem(editorOf(callerOf(response)), String(request.params.id));
    response.status(204).end();
  });

  router.use(xmlProblems(encodeXmlProblem, /^\/sg\/purchase-items\/[^/]+\/?$/i));
  return router;
}
