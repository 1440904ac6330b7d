// What every store that processes share must do for the online state of users who are not measured (V15, O4; O2).

import { expect } from 'chai';
import type { OnlineState, OnlineStateStore } from '../../server/viewing/online-states.ts';
import { type Ports, STORES } from '../support/stores.ts';

const MINUTE_MS = 60_000;

for (const store of STORES.filter(({ name }) => name !== 'sqlite')) {
  describe(`online state store on ${store.name}`, () => {
    let ports: Ports;
    let states: OnlineStateStore;
    beforeEach(async () => {
      ports = await store.open();
      if (ports.onlineStates === undefined) throw new Error(`${store.name} is shared and has no online states`);
      states = ports.onlineStates;
    });
    afterEach(() => ports.close());

    const state = (device: number, changes: Partial<OnlineState> = {}): OnlineState & { keepMs: number } => ({
      device,
      viewer: device,
      isOnline: true,
      since: 1,
      sentAt: 2,
      receivedAt: 3,
      verified: true,
      keepMs: MINUTE_MS,
      ...changes,
    });
    const list = async (at?: number) =>
      (await states.listPutSince(at))
        .map(({ putAt: _, ...rest }) => ({ ...rest, keepMs: MINUTE_MS }))
        .sort((a, b) => a.device - b.device);

    it('V15: a device has one state, the last that was put, by one call or by many at once', async () => {
      await states.put([]);
      await states.put([state(1), state(2), state(1, { sentAt: 9 })]);
      expect(await list()).to.deep.equal([state(1, { sentAt: 9 }), state(2)]);
      await Promise.all([3, 4, 5, 6].map((sentAt) => states.put([state(2, { sentAt }), state(sentAt)])));
      const [, second, ...rest] = await list();
      expect(second?.sentAt).to.be.oneOf([3, 4, 5, 6]);
      expect(rest).to.deep.equal([3, 4, 5, 6].map((device) => state(device)));
    });

    it('O4: what was put since then is told by the clock of the store alone', async () => {
      await states.put([state(1)]);
      const [first] = await states.listPutSince();
      expect(await list(first?.putAt)).to.deep.equal([state(1)]);
      expect(await list((first?.putAt ?? 0) + MINUTE_MS)).to.deep.equal([]);
      await states.put([state(2, { receivedAt: -MINUTE_MS })]);
      expect((await list(first?.putAt)).map(({ device }) => device)).to.deep.equal([1, 2]);
    });

    it('O2: what is past its time is not told, nor what was of an erased viewer', async () => {
      await states.put([{ ...state(1), keepMs: -1 }, state(2, { viewer: 7 }), state(3, { viewer: 7 }), state(4)]);
      await states.removeOfViewer(7);
      expect(await list()).to.deep.equal([state(4)]);
    });
  });
}
