// What every store must do for the audit log (O1).

import { expect } from 'chai';
import type { AuditEntry, AuditStore } from '../../server/accounts/account-store.ts';
import { type Ports, STORES } from '../support/stores.ts';

for (const store of STORES) {
  describe(`audit store on ${store.name}`, () => {
    let ports: Pick<Ports, 'audit' | 'close'>;
    let audit: AuditStore;
    beforeEach(async () => {
      ports = await store.open();
      audit = ports.audit;
    });
    afterEach(() => ports.close());

    it('O1: lists audit entries newest first, in pages; a name can be replaced', async () => {
      const entry = (id: string, by: string, subject: string): AuditEntry => ({
        id,
        at: 1,
        by,
        action: 'x',
        subject,
        detail: { fields: 'name', rows: 2, done: true },
      });
      for (const each of [entry('1', 'a', 'b'), entry('3', 'b', 'a'), entry('2', 'c', 'ab'), entry('1', 'z', 'z')]) {
        await audit.append(each);
      }
      expect(await audit.list({ limit: 2 })).to.deep.equal([entry('3', 'b', 'a'), entry('2', 'c', 'ab')]);
      expect(await audit.list({ limit: 2, before: '2' })).to.deep.equal([entry('1', 'a', 'b')]);
      await audit.replaceName('a', '-');
      expect(await audit.list({ limit: 9 })).to.deep.equal([
        entry('3', 'b', '-'),
        entry('2', 'c', 'ab'),
        entry('1', '-', 'b'),
      ]);
    });
    it('O1: ids sort by code points', async () => {
      const ids = ['B', 'a', 'ab', '\uff5e', '\u{1f4fa}'];
      const entry = { at: 1, by: 'a', action: 'x', subject: 'b', detail: {} };
      for (const id of ids) await audit.append({ id, ...entry });
      expect((await audit.list({ limit: 9 })).map((each) => each.id)).to.deep.equal(ids.toReversed());
      expect((await audit.list({ limit: 9, before: '\u{1f4fa}' })).map((each) => each.id)).to.deep.equal(
        ids.slice(0, 4).toReversed(),
      );
    });
  });
}
