// A purchase item as the API's JSON has it, both ways (G1, G3).

import { Problem } from '../server/problem.ts';
import { bodyFields } from './body-fields.ts';
import type { PurchaseItem } from './purchase-item.ts';
import { isId } from './xmltv-entry.ts';

const AMOUNT = /^\d{1,9}(?:\.\d{1,4})?$/; // ISO 4217 has four digits after the point at most
const CURRENCY = /^[A-Z]{3}$/;
/** One unit only, so that its end is what everybody expects of a calendar. */
const PERIOD = /^(?:P[1-9]\d{0,2}[DWMY]|PT[1-9]\d{0,3}H)$/;

/** Problem `invalid` with the field. */
export function purchaseItemFromBody(
  body: Readonly<Record<string, unknown>>,
  id: string,
  owner: string,
  before: PurchaseItem | undefined,
): PurchaseItem {
  if (!isId(id)) throw new Problem('invalid', 'the id has 1 to 64 printable characters and no slash');
  const fields = bodyFields(body, 'purchase item');
  const names = fields.texts('names') ?? fields.refuse('names', 'holds a text by language');
  const descriptions = fields.texts('descriptions');
  const [services, parts] = [fields.ids('services'), fields.ids('parts')];
  if (services.length + parts.length === 0) fields.refuse('services', 'or parts must hold something');
  const price = fields.object('price') ?? fields.refuse('price', 'is missing');
  const amount = price.text('amount', AMOUNT) ?? fields.refuse('price', 'has no amount');
  const currency = price.text('currency', CURRENCY) ?? fields.refuse('price', 'has no currency');
  const period = fields.text('period', PERIOD);
  const [validFrom, validTo] = [fields.instant('validFrom'), fields.instant('validTo')];
  if (validFrom !== undefined && validTo !== undefined && validFrom >= validTo)
    fields.refuse('validTo', 'must be after validFrom');
  return {
    id,
    names,
    ...(descriptions === undefined ? {} : { descriptions }),
    provider: fields.text('provider') ?? before?.provider ?? owner,
    services,
    parts,
    price: { amount, currency },
    ...(period === undefined ? {} : { period }),
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validTo === undefined ? {} : { validTo }),
  };
}

/** With its times in ISO 8601. */
export function purchaseItemOut({ validFrom, validTo, ...rest }: PurchaseItem): object {
  return {
    ...rest,
    ...(validFrom === undefined ? {} : { validFrom: new Date(validFrom).toISOString() }),
    ...(validTo === undefined ? {} : { validTo: new Date(validTo).toISOString() }),
  };
}
