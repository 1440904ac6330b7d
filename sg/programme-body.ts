// Programmes of one service as the API's JSON has them, checked (G1, G3).

import { isObject } from '../server/http/json-body.ts';
import { Problem } from '../server/problem.ts';
import { bodyFields } from './body-fields.ts';
import { type Programme, programmeIdOf } from './schedule.ts';
import { isId } from './xmltv-entry.ts';

const MAX_PROGRAMMES = 10_000; // what a window of 31 days can hold, and a body
const MAX_LISTED = 100; // categories, breaks

/** In the order of the body; whether they fit the window is the guide's to say. Problem `invalid` with the place in the list. */
export function programmesFromBody({ programmes }: Readonly<Record<string, unknown>>, service: string): Programme[] {
  if (!Array.isArray(programmes) || programmes.length > MAX_PROGRAMMES)
    throw new Problem('invalid', `programmes is a list, of ${MAX_PROGRAMMES} at most`);
  return programmes.map((one: unknown, index) => {
    if (!isObject(one)) throw new Problem('invalid', `programmes[${index}] is an object`);
    return programmeFrom(one, service, `programmes[${index}]`);
  });
}

function programmeFrom(body: Record<string, unknown>, service: string, place: string): Programme {
  const fields = bodyFields(body, place);
  const startAt = fields.instant('startAt') ?? fields.refuse('startAt', `of ${place} is missing`);
  const stopAt = fields.instant('stopAt') ?? fields.refuse('stopAt', `of ${place} is missing`);
  const titles = fields.texts('titles') ?? fields.refuse('titles', `of ${place} holds a text by language`);
  const id = fields.text('id') ?? programmeIdOf(service, startAt);
  if (!isId(id)) fields.refuse('id', `of ${place} has 1 to 64 printable characters and no slash`);
  const descriptions = fields.texts('descriptions');
  const categories = fields
    .list('categories', MAX_LISTED)
    ?.map((one) => (typeof one === 'string' ? one : fields.refuse('categories', `of ${place} are texts`)));
  const breaks = fields.list('breaks', MAX_LISTED)?.map((one) => breakFrom(one, place, { startAt, stopAt }));
  const [rating, episode, series] = [fields.text('rating'), fields.text('episode'), fields.text('series')];
  return {
    id,
    service,
    startAt,
    stopAt,
    titles,
    ...(descriptions === undefined ? {} : { descriptions }),
    ...(categories === undefined ? {} : { categories }),
    ...(rating === undefined ? {} : { rating }),
    ...(episode === undefined ? {} : { episode }),
    ...(series === undefined ? {} : { series }),
    ...(breaks === undefined ? {} : { breaks }),
  };
}

function breakFrom(
  body: unknown,
  place: string,
  { startAt, stopAt }: { startAt: number; stopAt: number },
): { from: number; to: number } {
  const fields = bodyFields(isObject(body) ? body : {}, place);
  const [from, to] = [fields.instant('from'), fields.instant('to')];
  if (from === undefined || to === undefined || !(startAt <= from && from < to && to <= stopAt))
    return fields.refuse('breaks', `of ${place} are windows within the programme`);
  return { from, to };
}
