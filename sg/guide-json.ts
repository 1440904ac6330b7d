// The guide as JSON: the same parts as the XML, in lists (G4).

import type { GuideHead, GuidePart } from './guide-view.ts';
import type { MarkClass } from './mark-classes.ts';
import { purchaseItemOut } from './purchase-item-body.ts';
import type { Programme, Service } from './schedule.ts';

const LIST_OF = { deleted: 'deleted', service: 'services', item: 'purchaseItems', schedule: 'programmes' } as const;
const LISTS = Object.values(LIST_OF);

/** One object in pieces; its lists are in the order of the parts. */
export async function* writeGuideJson(
  head: GuideHead,
  parts: AsyncIterable<GuidePart>,
  marks: MarkClass,
): AsyncGenerator<string> {
  const { version, since, from, to } = head;
  const fields = { version, since, marks: marks.name, from: isoOf(from), to: to === undefined ? undefined : isoOf(to) };
  yield JSON.stringify(fields).slice(0, -1);
  let open = -1;
  let isFirst = true;
  for await (const part of parts) {
    const place = LISTS.indexOf(LIST_OF[part.kind]);
    for (; open < place; isFirst = true) {
      yield `${open < 0 ? '' : ']'},"${LISTS[open + 1]}":[`;
      open += 1;
    }
    const items = itemsOf(part, head, marks).map((item) => JSON.stringify(item));
    yield `${isFirst ? '' : ','}\n${items.join(',\n')}`;
    isFirst = false;
  }
  for (; open < LISTS.length - 1; open += 1) yield `${open < 0 ? '' : ']'},"${LISTS[open + 1]}":[`;
  yield ']}\n';
}

function itemsOf(part: GuidePart, head: GuideHead, marks: MarkClass): object[] {
  if (part.kind === 'schedule') return part.programmes.map(programmeOut);
  if (part.kind === 'service') return [serviceOut(part.service, marks.marksOf(part.service, head.from))];
  if (part.kind === 'item') return [purchaseItemOut(part.item)];
  const { kind: _, ...rest } = part;
  return [rest.fragment === 'Content' ? { ...rest, startAt: isoOf(rest.startAt) } : rest];
}

/** A service with what of it is measured as `channelStat` marks. */
const serviceOut = ({ measured: _, ...rest }: Service, channelStat: readonly string[]): object => ({
  ...rest,
  channelStat,
});

/** A programme with its times in ISO 8601. */
export function programmeOut({ startAt, stopAt, breaks, ...rest }: Programme): object {
  const times = { startAt: isoOf(startAt), stopAt: isoOf(stopAt) };
  const windows = breaks?.map(({ from, to }) => ({ from: isoOf(from), to: isoOf(to) }));
  return { ...rest, ...times, ...(windows === undefined ? {} : { breaks: windows }) };
}

const isoOf = (at: number): string => new Date(at).toISOString();
