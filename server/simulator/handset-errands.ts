// What a handset does beside reporting: it obeys the marks in the answers, and buys what is on offer (O10; V5, G7, G11, G14).

import type { HandsetClient } from './handset-client.ts';
import type { HandsetGuide } from './handset-guide.ts';
import type { Random } from './random.ts';

export interface ErrandCounts {
  /** Events fetched by handsets that hold no stream. */
  fetched: number;
  /** Guides brought up to date. */
  guides: number;
  orders: number;
  cancels: number;
  /** Services to which keys were given. */
  keys: number;
  /** Answers that are not what they should be. */
  wrong: number;
}

export interface Errands {
  /** Does what the marks in an answer ask for. */
  obey(answer: string): Promise<void>;
  /** Orders an item by chance, looks whether it is there, and cancels it again by chance. */
  shop(share: number): Promise<void>;
  readonly counts: ErrandCounts;
}

const CANCELS = 0.3;

export function createErrands(deps: {
  client: Pick<HandsetClient, 'get' | 'send'>;
  guide: HandsetGuide | undefined;
  /** Then events come by themselves. */
  holdsStream: boolean;
  random: Random;
}): Errands {
  const { client, guide, random } = deps;
  const counts: ErrandCounts = { fetched: 0, guides: 0, orders: 0, cancels: 0, keys: 0, wrong: 0 };
  let since: string | undefined;

  const check = (isRight: boolean): void => {
    if (!isRight) counts.wrong += 1;
  };

  const fetchUpdates = async (): Promise<void> => {
    for (let more = true; more; ) {
      const { status, body } = await client.get({ path: since === undefined ? '/updates' : `/updates?since=${since}` });
      check(status === 200);
      const [, id, rest] = /<Updates [^>]*\bid="([^"]*)" more="(\w+)"/.exec(body) ?? [];
      counts.fetched += body.match(/<Update /g)?.length ?? 0;
      more = rest === 'true';
      since = id ?? since;
    }
  };

  const fetchKeys = async (): Promise<void> => {
    const { status, body } = await client.get({ path: '/keys' });
    check(status === 200);
    counts.keys += body.match(/<Key\b/g)?.length ?? 0;
  };

  const holds = async (item: string): Promise<boolean> => {
    const { body } = await client.get({ path: '/subscriptions' });
    return body.includes(`idRef="${item}"`);
  };

  return {
    counts,
    async obey(answer) {
      const needs = (name: string): boolean => answer.includes(`<${name} needsUpdate="true"`);
      if (needs('Guide') && guide !== undefined) {
        await guide.refresh();
        counts.guides += 1;
      }
      if (needs('Key')) await fetchKeys();
      if (!deps.holdsStream && ['Guide', 'Key', 'Interaction'].some(needs)) await fetchUpdates();
    },

    async shop(share) {
      const items = guide?.items() ?? [];
      const item = items[random.integer(0, Math.max(0, items.length - 1))];
      if (item === undefined || !random.chance(share)) return;
      const path = `/subscriptions/${encodeURIComponent(item)}`;
      const { status } = await client.send({ method: 'PUT', path });
      check(status === 200 || status === 201);
      counts.orders += 1;
      check(await holds(item));
      await fetchKeys();
      if (!random.chance(CANCELS)) return;
      check((await client.send({ method: 'DELETE', path })).status === 200);
      counts.cancels += 1;
      check(!(await holds(item)));
    },
  };
}
