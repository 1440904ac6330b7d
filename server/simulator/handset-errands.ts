// What a handset does beside reporting: it obeys what it is told, by marks or by events, and buys what is on offer (O10; V5, G7, G11, G14).

import type { HandsetClient } from './handset-client.ts';
import type { HandsetGuide } from './handset-guide.ts';
import type { HandsetMailbox } from './handset-mailbox.ts';

export interface ErrandCounts {
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
  /** Does what an event of this kind asks for. */
  hear(kind: string): Promise<void>;
  /** Orders an item, looks whether it is there, and fetches its keys. */
  order(item: string): Promise<void>;
  cancel(item: string): Promise<void>;
  readonly counts: ErrandCounts;
}

export const noErrands = (): ErrandCounts => ({ guides: 0, orders: 0, cancels: 0, keys: 0, wrong: 0 });

export function createErrands(deps: {
  client: Pick<HandsetClient, 'get' | 'send'>;
  guide: HandsetGuide;
  /** Absent: events come by themselves. */
  mailbox: HandsetMailbox | undefined;
}): Errands {
  const { client, guide, mailbox } = deps;
  const counts = noErrands();

  const check = (isRight: boolean): void => {
    if (!isRight) counts.wrong += 1;
  };

  const refreshGuide = async (): Promise<void> => {
    check(await guide.refresh());
    counts.guides += 1;
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

  const pathOf = (item: string): string => `/subscriptions/${encodeURIComponent(item)}`;

  return {
    counts,
    async obey(answer) {
      const needs = (name: string): boolean => answer.includes(`<${name} needsUpdate="true"`);
      if (needs('Guide')) await refreshGuide();
      if (needs('Key')) await fetchKeys();
      if (mailbox !== undefined && ['Guide', 'Key', 'Interaction'].some(needs)) check(await mailbox.fetch());
    },

    async hear(kind) {
      if (kind === 'guide-changed') await refreshGuide();
      if (kind === 'key-needs-update' || kind === 'subscription-changed') await fetchKeys();
    },

    async order(item) {
      if (!guide.items().includes(item)) check(await guide.refresh());
      check(guide.items().includes(item));
      const { status } = await client.send({ method: 'PUT', path: pathOf(item) });
      check(status === 200 || status === 201);
      counts.orders += 1;
      check(await holds(item));
      await fetchKeys();
    },

    async cancel(item) {
      check((await client.send({ method: 'DELETE', path: pathOf(item) })).status === 200);
      counts.cancels += 1;
      check(!(await holds(item)));
    },
  };
}
