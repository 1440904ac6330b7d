// What every store must do for the guide (G2, G3).

import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import type { GuideStore, StagedProgramme } from '../../sg/guide-store.ts';
import type { PurchaseItem } from '../../sg/purchase-item.ts';
import type { Page, Service } from '../../sg/schedule.ts';
import { type Ports, STORES } from '../support/stores.ts';

const service = (id: string, order: number, name = id): Service => ({
  id,
  names: { en: name },
  provider: 'demo',
  order,
  measured: [],
});
const page = (id: string, day: number, ...titles: string[]): Page => ({
  service: id,
  day,
  programmes: titles.map((title, index) => {
    const startAt = day * 86_400_000 + index * 1_000;
    return { id: title, service: id, startAt, stopAt: startAt + 1_000, titles: { en: title } };
  }),
});
const item = (id: string): PurchaseItem => ({
  id,
  names: { en: id },
  provider: 'demo',
  services: ['a'],
  parts: [],
  price: { amount: '4.99', currency: 'EUR' },
});
const staged = (id: string, startAt: number, sequence: number): StagedProgramme => ({
  line: sequence + 3,
  sequence,
  programme: { id: `p${sequence}`, service: id, startAt, titles: { en: 'x' } },
});

for (const { name, open } of STORES) {
  describe(`guide store on ${name}`, () => {
    let ports: Pick<Ports, 'guide' | 'close'>;
    let store: GuideStore;
    beforeEach(async () => {
      ports = await open();
      store = ports.guide;
    });
    afterEach(() => ports.close());

    it('G3: shows of each record the greatest revision up to the one asked for', async () => {
      expect(await store.revision()).to.equal(0);
      await store.takeTurn('h', 0, 10);
      await store.put(1, {
        services: [service('b', 1), service('a', 2)],
        pages: [page('a', 5, 'x'), page('a', 6, 'y'), page('b', 5, 'z')],
      });
      expect(await store.endTurn('h', 1, 0)).to.equal(true);
      await store.takeTurn('h', 0, 10);
      await store.put(2, { services: [service('b', 3, 'B')], pages: [page('a', 5, 'new', 'er'), page('b', 5)] });
      await store.endTurn('h', 2, 0);
      expect(await store.revision()).to.equal(2);
      expect(await store.listServices(0)).to.deep.equal([]);
      expect(await store.listServices(1)).to.deep.equal([service('b', 1), service('a', 2)]);
      expect(await store.listServices(2)).to.deep.equal([service('a', 2), service('b', 3, 'B')]);
      expect(await store.listPages(['b', 'a'], 5, 7, 1)).to.deep.equal([
        page('a', 5, 'x'),
        page('a', 6, 'y'),
        page('b', 5, 'z'),
      ]);
      expect(await store.listPages(['b', 'a', 'c'], 5, 6, 2)).to.deep.equal([page('a', 5, 'new', 'er'), page('b', 5)]);
    });

    it('G2: gives the turn to one holder at a time, and a turn runs out', async () => {
      expect(await store.takeTurn('h', 0, 10)).to.equal(true);
      expect(await store.takeTurn('i', 9, 20)).to.equal(false);
      expect(await store.takeTurn('h', 9, 19)).to.equal(true);
      expect(await store.takeTurn('i', 18, 20)).to.equal(false);
      expect(await store.takeTurn('i', 19, 30)).to.equal(true);
      expect(await store.endTurn('h', 7, 0)).to.equal(false);
      expect(await store.revision()).to.equal(0);
      expect(await store.endTurn('i', undefined, 0)).to.equal(true);
      expect(await store.takeTurn('h', 19, 30)).to.equal(true);
    });

    it('G2: what was not published is gone with the end of the turn, or with the next one after a crash', async () => {
      for (const end of [() => store.endTurn('h', undefined, 0), () => store.takeTurn('other', 10, 20)]) {
        expect(await store.takeTurn('h', 0, 10)).to.equal(true);
        await store.put(1, { services: [service('a', 1)], items: [item('i')], pages: [page('a', 5, 'x')] });
        await store.stage([staged('a', 1, 1)]);
        await end();
        expect(await store.listServices(1)).to.deep.equal([]);
        expect(await store.listItems(1)).to.deep.equal([]);
        expect(await store.revisionAt(9)).to.equal(0);
        expect(await store.listPages(['a'], 0, 10, 1)).to.deep.equal([]);
        expect(await store.listStaged('a', undefined, 10)).to.deep.equal([]);
      }
    });

    it('G2: renewing a turn keeps what is staged, which comes by start and place', async () => {
      await store.takeTurn('h', 0, 10);
      const [late, early, same, before1970] = [
        staged('a', 9, 1),
        staged('a', 4, 2),
        staged('a', 4, 3),
        staged('a', -5, 4),
      ];
      await store.stage([late, early, same, before1970, staged('b', 1, 5)]);
      await store.stage([late]);
      await store.takeTurn('h', 5, 15);
      expect(await store.listStaged('a', undefined, 3)).to.deep.equal([before1970, early, same]);
      expect(await store.listStaged('a', same, 3)).to.deep.equal([late]);
      expect(await store.listStaged('a', late, 3)).to.deep.equal([]);
    });

    it('G2, O4: of many who want the turn at once exactly one gets it, and of many who want one that is over', async () => {
      for (const now of [0, 10]) {
        const taken = await Promise.all(
          Array.from({ length: 20 }, (_, at) => store.takeTurn(`${now}-${at}`, now, now + 10)),
        );
        expect(taken.filter(Boolean)).to.have.length(1);
      }
    });

    it('G2, O4: who ends a turn leaves alone what the next holder stages', async () => {
      await store.takeTurn('h', 0, 10);
      await store.put(1, { pages: Array.from({ length: 2_100 }, (_, day) => page('a', day, 'x')) });
      const ended = store.endTurn('h', undefined, 0);
      while (!(await store.takeTurn('i', 0, 10))) await setImmediate();
      await store.stage([staged('a', 1, 1)]);
      expect(await ended).to.equal(true);
      expect(await store.listStaged('a', undefined, 9)).to.deep.equal([staged('a', 1, 1)]);
      expect(await store.listPages(['a'], 0, 3_000, 1)).to.deep.equal([]);
    });

    it('G3: lists by code points, and of very many services each', async () => {
      const astral = ['B', 'a', 'ab', 'é', '\uff5e', '\u{1f4fa}'];
      const ids = [...Array.from({ length: 250 }, (_, at) => `0${1_000 + at}`), ...astral];
      await store.takeTurn('h', 0, 10);
      await store.put(1, {
        services: ids.toReversed().map((id) => service(id, 7)),
        items: ids.toReversed().map(item),
        pages: ids.toReversed().map((id) => page(id, 5, 'x')),
      });
      await store.put(1, { services: [service('B', 7)], pages: [page('B', 5, 'x'), page('B', -1, 'y')] });
      await store.endTurn('h', 1, 0);
      expect(await store.listServices(1)).to.deep.equal(ids.map((id) => service(id, 7)));
      expect(await store.listItems(1)).to.deep.equal(ids.map(item));
      expect(await store.listPages(ids.toReversed(), 5, 6, 1)).to.deep.equal(ids.map((id) => page(id, 5, 'x')));
      expect(await store.listPages(['B'], -1, 9, 1)).to.deep.equal([page('B', -1, 'y'), page('B', 5, 'x')]);
    });

    /** Publishes one revision at a time, epoch ms. */
    const publish = async (revision: number, now: number, records: Parameters<GuideStore['put']>[1]): Promise<void> => {
      await store.takeTurn('h', now, now + 10);
      await store.put(revision, records);
      await store.endTurn('h', revision, now);
    };

    it('G4: lists what changed between revisions, and leaves out what is removed', async () => {
      await publish(1, 100, {
        services: [service('a', 1), service('b', 2)],
        items: [item('i'), item('j')],
        pages: [page('a', 5, 'x'), page('b', 5, 'y')],
      });
      await publish(2, 200, { services: [{ id: 'b', removed: true }], items: [item('i')] });
      await publish(3, 300, {
        services: [service('b', 2)],
        items: [{ id: 'j', removed: true }],
        pages: [page('a', 5)],
      });
      expect(await store.listServices(2)).to.deep.equal([service('a', 1)]);
      expect(await store.listItems(2)).to.deep.equal([item('i'), item('j')]);
      expect(await store.listServices(3)).to.deep.equal([service('a', 1), service('b', 2)]);
      expect(await store.listItems(3)).to.deep.equal([item('i')]);
      expect(await store.listChanges(3, 3)).to.deep.equal({ services: [], items: [], pages: [] });
      expect(await store.listChanges(2, 3)).to.deep.equal({
        services: ['b'],
        items: ['j'],
        pages: [{ service: 'a', day: 5 }],
      });
      const all = await store.listChanges(0, 3);
      expect(all.services.sort()).to.deep.equal(['a', 'b']);
      expect(all.items.sort()).to.deep.equal(['i', 'j']);
      expect(all.pages.sort((a, b) => (a.service < b.service ? -1 : 1))).to.deep.equal([
        { service: 'a', day: 5 },
        { service: 'b', day: 5 },
      ]);
    });

    it('G4: forgets what no kept revision shows, and knows which revision was there when', async () => {
      const titles = ['one', 'two', 'three', 'four'];
      for (const [at, title] of titles.entries())
        await publish(at + 1, (at + 1) * 100, {
          services: [service('a', at)],
          items: at === 2 ? [{ id: 'i', removed: true }] : [item('i')],
          pages: [page('a', 5, title), page('b', 5 + at, title)],
        });
      expect([await store.revisionAt(99), await store.revisionAt(100), await store.revisionAt(299)]).to.deep.equal([
        0, 1, 2,
      ]);
      expect(await store.oldestRevision()).to.equal(0);
      expect(await store.forgetBefore(3)).to.equal(6);
      expect(await store.forgetBefore(2)).to.equal(0);
      expect(await store.oldestRevision()).to.equal(3);
      expect(await store.listServices(3)).to.deep.equal([service('a', 2)]);
      expect(await store.listPages(['a', 'b'], 0, 9, 3)).to.deep.equal([
        page('a', 5, 'three'),
        page('b', 5, 'one'),
        page('b', 6, 'two'),
        page('b', 7, 'three'),
      ]);
      expect([await store.listItems(3), await store.listItems(4)]).to.deep.equal([[], [item('i')]]);
      expect(await store.listPages(['a'], 5, 6, 4)).to.deep.equal([page('a', 5, 'four')]);
      expect(await store.listServices(2)).to.deep.equal([]);
      expect([await store.revisionAt(299), await store.revisionAt(300)]).to.deep.equal([0, 3]);
    });

    it('G2: keeps every text as it is, whatever the source calls its language', async () => {
      const texts = { 'a.b': '$set', $where: '\u{1f4fa}', '': '"', '1': '', __proto__x: 'é' };
      const odd = { ...service('a', 1), names: texts };
      const programme = {
        id: 'p',
        service: 'a',
        startAt: 0,
        stopAt: 1_000,
        titles: texts,
        breaks: [{ from: 1, to: 2 }],
      };
      const { stopAt, ...open } = programme;
      await store.takeTurn('h', 0, 10);
      await store.stage([{ line: 1, sequence: 1, programme: open }]);
      expect((await store.listStaged('a', undefined, 1))[0]?.programme).to.deep.equal(open);
      await store.put(1, { services: [odd], pages: [{ service: 'a', day: 0, programmes: [programme] }] });
      await store.endTurn('h', 1, 0);
      const [listed] = await store.listServices(1);
      expect(JSON.stringify(listed)).to.equal(JSON.stringify(odd)); // a change is seen by comparing these
      expect((await store.listPages(['a'], 0, 1, 1))[0]?.programmes).to.deep.equal([programme]);
    });
  });
}
