// A handset's event stream: held, dropped and resumed, and held against what the server has stored (O10; G12, G14).

import { setTimeout as sleep } from 'node:timers/promises';
import type { HandsetClient } from './handset-client.ts';

/** Events are counted once, by id. */
export interface StreamCounts {
  received: number;
  /** The same id again. */
  doubles: number;
  /** After one with a greater id, though with an id of the stream. */
  outOfOrder: number;
  /** Stored for the handset and never received. */
  missed: number;
  /** Openings that were refused, or never answered. */
  refused: number;
  resumes: number;
  /** Resumes that could not be filled: what was missed before them is not counted. */
  notRecovered: number;
}

export interface HandsetStream {
  /** Waits for what is on its way, compares with what `GET /updates` tells, and ends. */
  finish(): Promise<StreamCounts>;
}

const CATCH_UP_MS = 5_000;
const LOOK_EVERY_MS = 50;
const RETRY_MOST_MS = 1_000; // a phone waits as long as it is told, a test of phones does not

/** `dropAfterMs` says after how long the line drops, each time; undefined: never by itself. */
export function holdStream(deps: {
  client: Pick<HandsetClient, 'listen' | 'get' | 'close'>;
  dropAfterMs(): number | undefined;
}): HandsetStream {
  const { client } = deps;
  const counts: StreamCounts = {
    received: 0,
    doubles: 0,
    outOfOrder: 0,
    missed: 0,
    refused: 0,
    resumes: 0,
    notRecovered: 0,
  };
  const received = new Set<string>();
  let lastId: string | undefined;
  let comparedFrom: string | undefined;
  let isOver = false;
  let hangUp = (): void => undefined;

  const take = (block: string): void => {
    const field = (name: string): string | undefined => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
    const [id, data] = [field('id'), field('data')];
    if (data !== undefined) {
      const said = JSON.parse(data) as { id: string; recovered?: boolean };
      if (field('event') === 'stream') {
        if (said.recovered === false) counts.notRecovered += 1;
        if (said.recovered === false || comparedFrom === undefined) comparedFrom = said.id;
      } else if (received.has(said.id)) counts.doubles += 1;
      else {
        received.add(said.id);
        counts.received += 1;
        if (id !== undefined && lastId !== undefined && placeOf(id) < placeOf(lastId)) counts.outOfOrder += 1;
      }
    }
    lastId = id ?? lastId;
  };

  const hold = async (): Promise<void> => {
    for (let opened = 0; !isOver; opened += 1) {
      let text = '';
      const headers = lastId === undefined ? {} : { 'Last-Event-ID': lastId };
      const line = await client.listen({ path: '/events', headers }, (piece) => {
        const blocks = (text + piece).split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) take(block);
      });
      if (line.status !== 200) counts.refused += 1;
      else if (opened > 0) counts.resumes += 1;
      hangUp = line.stop;
      if (isOver) line.stop();
      const dropMs = deps.dropAfterMs();
      const timer = dropMs === undefined ? undefined : setTimeout(line.stop, dropMs);
      await line.ended;
      clearTimeout(timer);
      if (!isOver) await sleep(Math.random() * RETRY_MOST_MS);
    }
  };
  const held = hold().catch(() => undefined); // an aborted run

  /** Ids of what is stored for the handset after `since`. */
  const listStored = async (since: string): Promise<string[]> => {
    const ids: string[] = [];
    for (let after = since, more = true; more; ) {
      const { status, body } = await client.get({ path: `/updates?format=json&since=${after}` });
      if (status !== 200) throw new Error(`/updates answers ${status}`);
      const page = JSON.parse(body) as { id: string; more: boolean; items: { id: string }[] };
      ids.push(...page.items.map(({ id }) => id));
      [after, more] = [page.id, page.more];
    }
    return ids;
  };

  return {
    async finish() {
      const stored = comparedFrom === undefined ? [] : await listStored(comparedFrom);
      const missing = (): number => stored.filter((id) => !received.has(id)).length;
      for (const end = Date.now() + CATCH_UP_MS; missing() > 0 && Date.now() < end; ) await sleep(LOOK_EVERY_MS);
      counts.missed = missing();
      isOver = true;
      hangUp();
      await held;
      client.close();
      return counts;
    },
  };
}

const placeOf = (id: string): number => Number(id.split(':')[1]);
