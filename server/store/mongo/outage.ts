// Whether MongoDB answers, as the driver sees it: told to the log once each way; a driver that lost sight of it is helped (O5).

import { setTimeout as sleep } from 'node:timers/promises';
import type { MongoClient } from 'mongodb';
import type { Log } from '../../log.ts';

export interface OutageWatch {
  /** To be called before the client is closed: what comes then is no outage. */
  stop(): void;
}

const SAID_AGAIN_MS = 10_000; // a server that comes and goes is told that often at most
const GRACE_MS = 2_000; // beyond the time in which the driver gives a heartbeat up
const CONNECT_AGAIN_MS = 500;

/** Watches the servers of a client that is connected. */
export function watchServers(client: MongoClient, { log, clock }: { log: Log; clock: () => number }): OutageWatch {
  const { connectTimeoutMS, heartbeatFrequencyMS } = client.options;
  const lostAfterMs = connectTimeoutMS + heartbeatFrequencyMS + GRACE_MS;
  const heartbeats = new Map<string, NodeJS.Timeout>();
  let awaySince: number | undefined;
  let saidAt = Number.NEGATIVE_INFINITY;
  let isSaid = false;
  let isRenewing = false;
  let stopped = false;

  const went = (error: Error | null | undefined): void => {
    awaySince = clock();
    isSaid = awaySince - saidAt >= SAID_AGAIN_MS;
    if (!isSaid) return;
    saidAt = awaySince;
    log.error({ error }, 'the store does not answer');
  };
  const came = (since: number): void => {
    awaySince = undefined;
    if (isSaid) log.info({ awayMs: clock() - since }, 'the store answers again');
  };

  const ended = (address: string): void => {
    clearTimeout(heartbeats.get(address));
    heartbeats.delete(address);
  };

  // COMPAT: driver 7.9 waits for ever for a write on a socket that is destroyed and has not said so yet, as when all
  // connections drop at once. A heartbeat that is lost in this way would keep the server unknown until a restart. Delete when
  // its `writeCommand` gives up at the socket's `close`.
  async function renew(): Promise<void> {
    if (isRenewing || stopped) return;
    isRenewing = true;
    log.info({}, 'a heartbeat of the store was lost, connecting anew');
    await client.close().catch(() => undefined);
    while (!stopped) {
      try {
        await client.connect();
        break;
      } catch {
        await sleep(CONNECT_AGAIN_MS, undefined, { ref: false });
      }
    }
    isRenewing = false;
  }

  client.on('serverHeartbeatStarted', ({ connectionId: address }) => {
    ended(address);
    heartbeats.set(address, setTimeout(renew, lostAfterMs).unref());
  });
  client.on('serverHeartbeatSucceeded', ({ connectionId }) => ended(connectionId));
  client.on('serverHeartbeatFailed', ({ connectionId }) => ended(connectionId));
  client.on('serverClosed', ({ address }) => ended(address));
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    if (stopped) return;
    const servers = [...newDescription.servers.values()];
    const isThere = servers.some(({ isWritable }) => isWritable);
    if (!isThere && awaySince === undefined) went(servers.find(({ error }) => error !== null)?.error);
    if (isThere && awaySince !== undefined) came(awaySince);
  });

  return {
    stop() {
      stopped = true;
      for (const address of heartbeats.keys()) ended(address);
    },
  };
}
