// What can be bought, in the OpenAPI document (G1, G3, G9).

import type { Role } from '../server/http/caller.ts';
import {
  json,
  nothing,
  type OpenapiPart,
  oneOf,
  paging,
  path,
  textQuery,
  xml,
} from '../server/http/openapi-operation.ts';
import { instant, listOf, mapOf, object, page, ref, text } from '../server/http/openapi-schema.ts';

const writers: Role[] = ['provider', 'administrator'];
const readers: Role[] = ['handset', 'provider', 'operator', 'administrator', 'business'];
const id = path('id', 'Of the purchase item: 1 to 64 printable characters, no slash.', 'basic');
const texts = mapOf(text(), 'Texts by language (BCP 47)');
const named = { names: texts, price: object({ amount: text('A decimal number'), currency: text('ISO 4217') }) };
const optional = {
  descriptions: texts,
  period: text('For how long one payment holds: P1M, P7D, PT24H. Absent: for good'),
  validFrom: instant('On offer from then on'),
  validTo: instant('Not included'),
};
const services = listOf(text(), 'Services that come with it');
const parts = listOf(text(), 'Other purchase items that come with it');
const example = {
  names: { en: 'Basic' },
  services: ['01'],
  price: { amount: '4.99', currency: 'EUR' },
  period: 'P1M',
};

const inEither = (told: string) =>
  oneOf(json(ref('PurchaseItem'), told), xml('ServiceGuide.xsd', 'To XML, a PurchaseItem document'));

export const purchaseItemsOpenapi: OpenapiPart = {
  tag: { name: 'purchase items', description: 'What can be bought: services and bundles' },
  paths: {
    '/sg/purchase-items': {
      get: {
        summary: 'What can be bought, by id',
        roles: readers,
        parameters: [textQuery('provider', 'Only that of this provider.'), ...paging],
        answers: { 200: json(page(ref('PurchaseItem')), 'Purchase items') },
      },
    },
    '/sg/purchase-items/{id}': {
      get: {
        summary: 'One purchase item',
        roles: readers,
        parameters: [id],
        answers: { 200: json(ref('PurchaseItem'), 'The item') },
        problems: ['not_found'],
      },
      put: {
        summary: 'Add or replace a purchase item',
        description:
          'A provider of its own services and items, an administrator of any. No item may be a part of itself.',
        roles: writers,
        parameters: [id],
        body: oneOf(
          json(
            object(named, { services, parts, ...optional, provider: text('Default: the caller’s, or as it is') }),
            'The item, which has services or parts; other fields are ignored',
            example,
          ),
          xml('ServiceGuide.xsd', 'The same as a PurchaseItem document', undefined, ['application/xml', 'text/xml']),
        ),
        answers: { 200: inEither('Replaced'), 201: inEither('Added') },
        problems: ['conflict'],
        form: 'either',
      },
      delete: {
        summary: 'Remove a purchase item',
        description: 'Not while it is a part of another.',
        roles: writers,
        parameters: [id],
        answers: { 204: nothing('Removed') },
        problems: ['not_found', 'conflict'],
      },
    },
  },
  schemas: {
    PurchaseItem: object({ id: text(), ...named, provider: text(), services, parts }, optional),
  },
};
