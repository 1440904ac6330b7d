// What can be bought: bundles, owners, revisions (G1, G3, G9).

import { expect } from 'chai';
import fc from 'fast-check';
import { Problem } from '../../../server/problem.ts';
import { openDatabase } from '../../../server/store/sqlite/database.ts';
import { createSqliteGuideStore } from '../../../server/store/sqlite/guide-store.ts';
import { createGuide, type Guide } from '../../../sg/guide.ts';
import { checkParts, type PurchaseItem, servicesIn } from '../../../sg/purchase-item.ts';

const ADMINISTRATOR = { role: 'administrator' } as const;
const NEWS = { role: 'provider', provider: 'news' } as const;
const FILM = { role: 'provider', provider: 'film' } as const;

const item = (id: string, services: string[], parts: string[] = [], provider = 'news'): PurchaseItem => ({
  id,
  names: { en: id },
  provider,
  services,
  parts,
  price: { amount: '4.99', currency: 'EUR' },
});
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Problem ? error.code : String(error)),
  );

describe('purchase items', () => {
  let guide: Guide;
  beforeEach(async () => {
    guide = createGuide({ store: createSqliteGuideStore(openDatabase(':memory:')), clock: Date.now });
    const services = ['n1', 'n2', 'f1'].map((id, order) => {
      const provider = id.startsWith('n') ? 'news' : 'film';
      return { id, names: { en: id }, provider, order, measured: [] };
    });
    await guide.revise(ADMINISTRATOR, { services });
  });

  it('G1, G3: are kept by revision; the same again makes none', async () => {
    expect(await guide.putPurchaseItem(NEWS, item('one', ['n1']))).to.equal(2);
    expect(await guide.putPurchaseItem(NEWS, item('one', ['n1']))).to.equal(2);
    expect(await guide.putPurchaseItem(NEWS, item('one', ['n1', 'n2']))).to.equal(3);
    expect(await guide.removePurchaseItem(NEWS, 'one')).to.equal(4);
    expect((await guide.findPurchaseItem('one', 2))?.services).to.deep.equal(['n1']);
    expect((await guide.findPurchaseItem('one', 3))?.services).to.deep.equal(['n1', 'n2']);
    expect(await guide.listPurchaseItems()).to.deep.equal([]);
    expect(await codeOf(guide.removePurchaseItem(NEWS, 'one'))).to.equal('not_found');
    expect(await codeOf(guide.listPurchaseItems({ revision: 9 }))).to.equal('not_found');
  });

  it('G3: a provider sells what is its own, an administrator anything', async () => {
    expect(await codeOf(guide.putPurchaseItem(FILM, item('x', ['n1'])))).to.equal('forbidden');
    expect(await codeOf(guide.putPurchaseItem(FILM, item('x', ['n1'], [], 'film')))).to.equal('forbidden');
    await guide.putPurchaseItem(NEWS, item('one', ['n1']));
    expect(await codeOf(guide.putPurchaseItem(FILM, item('one', ['f1'], [], 'film')))).to.equal('forbidden');
    expect(await codeOf(guide.putPurchaseItem(FILM, item('x', ['f1'], ['one'], 'film')))).to.equal('forbidden');
    expect(await codeOf(guide.removePurchaseItem(FILM, 'one'))).to.equal('forbidden');
    await guide.putPurchaseItem(ADMINISTRATOR, item('all', ['f1'], ['one'], 'shop'));
    expect((await guide.listPurchaseItems({ provider: 'shop' })).map(({ id }) => id)).to.deep.equal(['all']);
  });

  it('G9: nothing is a part of itself, and nothing is removed that is a part of something', async () => {
    await guide.putPurchaseItem(NEWS, item('a', ['n1']));
    await guide.putPurchaseItem(NEWS, item('b', [], ['a']));
    await guide.putPurchaseItem(NEWS, item('c', ['n2'], ['b']));
    for (const parts of [['a'], ['b'], ['c'], ['b', 'c']])
      expect(await codeOf(guide.putPurchaseItem(NEWS, item('a', ['n1'], parts))), parts.join()).to.equal('conflict');
    expect(await codeOf(guide.putPurchaseItem(NEWS, item('a', ['gone'])))).to.equal('invalid');
    expect(await codeOf(guide.putPurchaseItem(NEWS, item('a', [], ['gone'])))).to.equal('invalid');
    expect(await codeOf(guide.removePurchaseItem(NEWS, 'a'))).to.equal('conflict');
    expect(await codeOf(guide.removeService(NEWS, 'n1'))).to.equal('conflict');
    expect(await guide.revision()).to.equal(4);
    const items = new Map((await guide.listPurchaseItems()).map((one) => [one.id, one]));
    expect([...servicesIn('c', items)].sort()).to.deep.equal(['n1', 'n2']);
    await guide.removePurchaseItem(NEWS, 'c');
    expect(await guide.removeService(NEWS, 'n2')).to.equal(6);
    expect((await guide.listServices()).map(({ id }) => id)).to.deep.equal(['n1', 'f1']);
    expect((await guide.listServices({ revision: 5 })).map(({ id }) => id)).to.deep.equal(['n1', 'n2', 'f1']);
  });

  it('G9: whatever is put, no item reaches itself, and all its services are found', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'];
    const puts = fc.array(fc.tuple(fc.constantFrom(...ids), fc.uniqueArray(fc.constantFrom(...ids), { maxLength: 3 })));
    const reach = (id: string, known: ReadonlyMap<string, PurchaseItem>, hops: number): string[] =>
      hops === 0 ? [] : (known.get(id)?.parts ?? []).flatMap((part) => [part, ...reach(part, known, hops - 1)]);
    fc.assert(
      fc.property(puts, (list) => {
        const known = new Map(ids.map((id) => [id, item(id, [`of ${id}`])]));
        for (const [id, parts] of list) {
          const next = item(id, [`of ${id}`], parts);
          try {
            checkParts(next, known, new Set(ids.map((one) => `of ${one}`)));
          } catch (error) {
            expect(error).to.be.instanceOf(Problem);
            known.set(id, next);
            expect(reach(id, known, ids.length), 'refused, and no circle').to.include(id);
            known.set(id, item(id, [`of ${id}`]));
            continue;
          }
          known.set(id, next);
        }
        for (const id of ids) {
          const reached = reach(id, known, ids.length);
          expect(reached).not.to.include(id);
          const services = [id, ...reached].map((one) => `of ${one}`);
          expect([...servicesIn(id, known)].sort()).to.deep.equal([...new Set(services)].sort());
        }
      }),
    );
  });
});
