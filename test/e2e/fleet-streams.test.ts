// A fleet that holds event streams while updates flow: dropped and resumed, it misses nothing (O10, G12-G14).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { planFleet } from '../../server/simulator/behaviour.ts';
import { runFleet } from '../../server/simulator/fleet.ts';
import { simulatedAccounts } from '../../server/simulator/simulated-accounts.ts';
import { startServer, type TestServer } from '../support/server.ts';

const HANDSETS = 24;
const HOURS = 2;
const PLAYS_MS = 5_000;
const PUSH_EVERY_MS = 50;

describe('a fleet with event streams', function () {
  this.timeout(90_000);
  let server: TestServer;
  const clock = { now: Date.now() };
  beforeEach(async () => {
    clock.now = Date.now();
    server = await startServer({ EVENT_RETRY_S: '1' }, undefined, {}, clock);
  });
  afterEach(() => server.close());

  it('O10, G14: drops and resumes, and has every event once, in order', async () => {
    const startAt = clock.now - HOURS * 3_600_000;
    const guide = await server.products.guide.listServices();
    const services = guide.map(({ id }) => ({ id, programmes: [] }));
    const accounts = simulatedAccounts(HANDSETS, 3);
    for (const account of accounts) await server.products.accounts.add({ ...account, role: 'handset' }, 'test');
    const options = { modernShare: 1, visitsPerDay: 48 };
    const plan = planFleet({ handsets: HANDSETS, hours: HOURS, seed: 3, startAt, services, options });

    let isPushing = true;
    let pushed = 0;
    const pushing = (async () => {
      for (const audiences = [{ all: true }, { service: '01' }, { user: accounts[0]?.user }]; isPushing; pushed += 1) {
        const body = JSON.stringify({ audience: audiences[pushed % audiences.length], content: { en: `${pushed}` } });
        const headers = { 'content-type': 'application/json' };
        expect((await server.ask('/pushes', { method: 'POST', headers, body })).status).to.equal(201);
        await sleep(PUSH_EVERY_MS);
      }
    })();
    const speed = (HOURS * 3_600_000) / PLAYS_MS;
    const { streams } = await runFleet({
      ...{ url: server.url, plan, accounts, speed, concurrency: 8, streams: 1, clock: Date.now },
    });
    isPushing = false;
    await pushing;
    expect(streams).to.include({ handsets: HANDSETS, missed: 0, outOfOrder: 0, notRecovered: 0 });
    expect(streams.resumes).to.be.above(0);
    expect(streams.received).to.be.above(pushed);
  });

  it('O10, G7, G14, V5: others go by the marks; some buy what is on offer, and the guide follows', async () => {
    const startAt = clock.now - HOURS * 3_600_000;
    const { accounts: known, guide } = server.products;
    const sell = (id: string) =>
      server.ask(`/sg/purchase-items/${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{ names: { en: id }, services: ['10'], price: { amount: '1', currency: 'EUR' }, period: 'P1M' },
        }),
      });
    expect((await sell('sport')).status).to.be.below(300);
    const services = (await guide.listServices()).map(({ id }) => ({ id, programmes: [] }));
    const accounts = simulatedAccounts(HANDSETS, 4);
    for (const account of accounts) await known.add({ ...account, role: 'handset' }, 'test');
    const plan = planFleet({
      ...{ handsets: HANDSETS, hours: HOURS, seed: 4, startAt, services, options: { visitsPerDay: 48 } },
    });
    let isPushing = true;
    const changing = (async () => {
      for (let number = 0; isPushing; number += 1) {
        const body = JSON.stringify({ audience: { all: true }, content: { en: `${number}` } });
        await server.ask('/pushes', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        if (number === 10) await sell('film');
        await sleep(PUSH_EVERY_MS);
      }
    })();
    const { errands, streams } = await runFleet({
      ...{ url: server.url, plan, accounts, speed: (HOURS * 3_600_000) / PLAYS_MS, concurrency: 8, clock: Date.now },
      ...{ obeysMarks: true, orders: 0.8, streams: 0 },
    });
    isPushing = false;
    await changing;
    expect(errands).to.include({ wrong: 0 });
    for (const count of [errands.orders, errands.cancels, errands.keys, errands.guides, errands.fetched])
      expect(count, JSON.stringify(errands)).to.be.above(0);
    expect(streams.handsets).to.equal(0);
  });
});
