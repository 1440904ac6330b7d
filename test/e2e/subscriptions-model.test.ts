// Subscriptions at random over HTTP against a small model: from two devices, in XML and JSON, and from outside, all at once (G7, G9, G11).

import { expect } from 'chai';
import fc from 'fast-check';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { isMongoAsked } from '../support/mongo.ts';
import { itemsFrom, SERVICES } from '../support/selling.ts';
import { type Doors, STEPS_FROM_OUTSIDE, type Step, takeSteps } from '../support/subscription-model.ts';

const NUMBER_OF_RUNS = isMongoAsked ? 15 : 40;
const PASSWORD = 'secret';

interface Table {
  version: number;
  since?: number;
  items: { item: string; until?: string }[];
  removed: { item: string }[];
}

describe('subscriptions over HTTP and their model', function () {
  this.timeout(90_000);
  let world: ApiWorld;
  let runs = 0;
  const editor = { role: 'administrator' } as const;
  before(async () => {
    world = await startApiWorld();
    await world.products.guide.revise(editor, { services: SERVICES });
  });
  after(() => world.close());

  const doorsFor = async (): Promise<Doors> => {
    const { products, clock } = world;
    runs += 1;
    const [user, suffix] = [`user-${runs}`, `-${runs}`];
    const start = clock.now;
    await products.accounts.add({ user, password: PASSWORD, role: 'handset' }, 'test');
    for (const item of itemsFrom(start, suffix)) await products.guide.putPurchaseItem(editor, item);
    const ask = (method: string, path: string, accept = 'application/json'): Promise<Response> =>
      world.login({ user, password: PASSWORD, scheme: 'digest' }, method, path, { accept });
    const read = async <T>(path: string): Promise<T> => {
      const answer = await ask('GET', path);
      expect(answer.status, path).to.equal(200);
      return (await answer.json()) as T;
    };
    const known = (item: string): string => item.slice(0, -suffix.length);
    return {
      clock,
      start,
      async act({ verb, item }, place) {
        const [method, path] = [verb === 'order' ? 'PUT' : 'DELETE', `/subscriptions/${item}${suffix}`];
        const asked = [
          () => ask(method, path),
          () => ask(method, path, 'application/xml'),
          () => world.as('shop', method, `${path}?user=${user}`, { accept: 'application/json' }),
        ][place % 3];
        const answer = (await asked?.()) as Response;
        const text = await answer.text();
        expect(answer.status, text).to.be.oneOf([200, 201, 409, 410]);
        if (answer.status >= 400) return { refused: /conflict|gone/.exec(text)?.[0] ?? text };
        const [, version] = /version(?:="|":)(\d+)[",]/.exec(text) ?? [];
        return { version: Number(version), isChanged: /changed(?:="|":)true/.test(text) };
      },
      async view(since) {
        const table = await read<Table>(`/subscriptions${since === undefined ? '' : `?since=${since}`}`);
        const items = table.items.map(({ item, until }) => ({
          item: known(item),
          ...(until === undefined ? {} : { until: Date.parse(until) }),
        }));
        return { ...table, items, removed: table.removed.map(({ item }) => ({ item: known(item) })) };
      },
      async listEntitled() {
        const { items } = await read<{ items: { service: string }[] }>('/keys');
        return [...new Set(items.map(({ service }) => service))];
      },
      async settle() {
        await products.subscriptions.settleDue();
      },
    };
  };

  it('G7, G9: agree, whichever way each order and cancellation comes', async () => {
    const run = async (steps: readonly Step[]): Promise<void> => takeSteps(steps, await doorsFor());
    await fc.assert(fc.asyncProperty(STEPS_FROM_OUTSIDE, run), { numRuns: NUMBER_OF_RUNS });
  });
});
