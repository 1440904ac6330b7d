// What changed, put onto what was there, gives what is there now, whatever was done in between (G4).

import { expect } from 'chai';
import fc from 'fast-check';
import { openDatabase } from '../../../server/store/sqlite/database.ts';
import { createSqliteGuideStore } from '../../../server/store/sqlite/guide-store.ts';
import { createGuide, type Guide } from '../../../sg/guide.ts';
import { writeGuideJson } from '../../../sg/guide-json.ts';
import { type GuideQuery, viewGuide } from '../../../sg/guide-view.ts';
import { createMarkClasses } from '../../../sg/mark-classes.ts';
import { DAY_MS } from '../../../sg/schedule.ts';

const ADMINISTRATOR = { role: 'administrator' } as const;
const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 10, 20);
const { all: ALL } = createMarkClasses({ policy: 'all', sampleShare: 1, key: Buffer.alloc(32) });

interface Copy {
  version: number;
  deleted: { fragment: string; id: string; service?: string; startAt?: string }[];
  services: { id: string }[];
  purchaseItems: { id: string }[];
  programmes: { id: string; service: string; startAt: string }[];
}

type Edit =
  | { kind: 'service'; id: string; name: string }
  | { kind: 'remove'; id: string }
  | { kind: 'item'; id: string; service: string }
  | { kind: 'removeItem'; id: string }
  | { kind: 'marks'; id: string; hour: number }
  | { kind: 'programmes'; id: string; from: number; lengths: number[]; name: string };

const ids = fc.constantFrom('a', 'b');
const names = fc.constantFrom('x', 'y');
const one = fc.constant;
const edits: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: one('service'), id: ids, name: names }) },
  { weight: 2, arbitrary: fc.record({ kind: one('remove'), id: ids }) },
  { weight: 1, arbitrary: fc.record({ kind: one('item'), id: names, service: ids }) },
  { weight: 1, arbitrary: fc.record({ kind: one('removeItem'), id: names }) },
  { weight: 1, arbitrary: fc.record({ kind: one('marks'), id: ids, hour: fc.integer({ min: 0, max: 23 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: one('programmes'),
      id: ids,
      from: fc.integer({ min: 0, max: 47 }),
      lengths: fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }),
      name: names,
    }),
  },
);

/** What is refused changes nothing, and that is what is wanted. */
async function apply(guide: Guide, edit: Edit): Promise<void> {
  const work = async (): Promise<unknown> => {
    if (edit.kind === 'service')
      return guide.putService(ADMINISTRATOR, {
        id: edit.id,
        names: { en: edit.name },
        provider: 'p',
        order: 1,
        measured: [],
      });
    if (edit.kind === 'remove') return guide.removeService(ADMINISTRATOR, edit.id);
    if (edit.kind === 'removeItem') return guide.removePurchaseItem(ADMINISTRATOR, edit.id);
    if (edit.kind === 'marks') {
      const hour = String(edit.hour).padStart(2, '0');
      return guide.setMeasuredWindows(ADMINISTRATOR, edit.id, [`TRUE 2026-11-20T${hour}:00Z~${hour}:30`]);
    }
    if (edit.kind === 'item') {
      const price = { amount: '1', currency: 'EUR' };
      const item = { id: edit.id, names: { en: edit.id }, provider: 'p', services: [edit.service], parts: [], price };
      return guide.putPurchaseItem(ADMINISTRATOR, item);
    }
    let at = START + edit.from * HOUR_MS;
    const programmes = edit.lengths.map((hours, index) => {
      const startAt = at;
      at += hours * HOUR_MS;
      // Ids come again, on other days too: the guide promises no more.
      return { id: `p${index}`, service: edit.id, startAt, stopAt: at, titles: { en: edit.name } };
    });
    const window = { from: START + edit.from * HOUR_MS, to: Math.max(at, START + edit.from * HOUR_MS + 1) };
    return guide.putProgrammes(ADMINISTRATOR, edit.id, window, programmes);
  };
  await work().catch(() => undefined);
}

/** As a handset does it: by id, and programmes by service, id and start. */
function updated(copy: Copy, changes: Copy): Copy {
  const nameOf = (one: { id: string; service?: string; startAt?: string }): string =>
    [one.id, one.service, one.startAt].join();
  const gone = (fragment: string): Set<string> =>
    new Set(changes.deleted.filter((one) => one.fragment === fragment).map(nameOf));
  const merge = <T extends { id: string }>(old: T[], fresh: T[], without: Set<string>): T[] => {
    const kept = old.filter((one) => !without.has(nameOf(one)) && !fresh.some((each) => nameOf(each) === nameOf(one)));
    return [...kept, ...fresh];
  };
  const services = gone('Service');
  const programmes = copy.programmes.filter(({ service }) => !services.has([service, undefined, undefined].join()));
  return {
    ...changes,
    deleted: [],
    services: merge(copy.services, changes.services, services),
    purchaseItems: merge(copy.purchaseItems, changes.purchaseItems, gone('PurchaseItem')),
    programmes: merge(programmes, changes.programmes, gone('Content')),
  };
}

const inOrder = (copy: Copy): unknown => {
  const sorted = (list: object[]): string[] => list.map((one) => JSON.stringify(one)).sort();
  return [copy.version, sorted(copy.services), sorted(copy.purchaseItems), sorted(copy.programmes)];
};

describe('guide view', () => {
  it('G4: the old guide and what changed are the new guide, in any window', async () => {
    const windows = fc.constantFrom<Partial<GuideQuery>>(
      {},
      { from: START + DAY_MS },
      { from: START + 5 * HOUR_MS, to: START + 20 * HOUR_MS },
      { services: ['a'] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(edits, { minLength: 2, maxLength: 10, size: 'max' }),
        fc.array(edits, { minLength: 2, maxLength: 10, size: 'max' }),
        windows,
        async (first, second, window) => {
          const database = openDatabase(':memory:');
          const store = createSqliteGuideStore(database);
          const guide = createGuide({ store, clock: () => START });
          const read = async (query: Partial<GuideQuery>): Promise<Copy> => {
            const view = await viewGuide(store, { from: START, ...window, ...query });
            let text = '';
            for await (const piece of writeGuideJson(view.head, view.parts(), ALL)) text += piece;
            return JSON.parse(text) as Copy;
          };
          for (const id of ['a']) await apply(guide, { kind: 'service', id, name: 'x' });
          for (const edit of first) await apply(guide, edit);
          const old = await read({});
          for (const edit of second) await apply(guide, edit);
          const changes = await read({ since: old.version });
          expect(inOrder(updated(old, changes))).to.deep.equal(inOrder(await read({})));
          expect(inOrder(await read({ version: old.version }))).to.deep.equal(inOrder(old));
          database.close();
        },
      ),
      { numRuns: 150 },
    );
  });
});
