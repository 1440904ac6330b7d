// A service as the API's JSON has it, checked (G1, G3).

import { Problem } from '../server/problem.ts';
import { bodyFields } from './body-fields.ts';
import { DAY_MS, type Service } from './schedule.ts';
import { isId } from './xmltv-entry.ts';
import { zoneNamed } from './zone-time.ts';

/** What a caller may say of a service; what is measured is said by marks, and kept from `before`. Problem `invalid`. */
export function serviceFromBody(
  body: Readonly<Record<string, unknown>>,
  id: string,
  owner: string,
  before: Service | undefined,
): Service {
  if (!isId(id)) throw new Problem('invalid', 'the id has 1 to 64 printable characters and no slash');
  const fields = bodyFields(body, 'service');
  const names = fields.texts('names') ?? fields.refuse('names', 'holds a text by language');
  const [genre, logo, zone] = [fields.text('genre'), fields.text('logo'), fields.text('zone')];
  const dwellMs = fields.count('dwellMs', DAY_MS);
  if (zone !== undefined) zoneNamed(undefined, zone);
  return {
    id,
    names,
    ...(genre === undefined ? {} : { genre }),
    ...(logo === undefined ? {} : { logo }),
    provider: fields.text('provider') ?? before?.provider ?? owner,
    order: fields.count('order', 1_000_000) ?? before?.order ?? 0,
    ...(zone === undefined ? {} : { zone }),
    measured: before?.measured ?? [],
    ...(dwellMs === undefined ? {} : { dwellMs }),
  };
}
