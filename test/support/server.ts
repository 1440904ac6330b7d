// The whole server on port 0 with an empty store and a clock moved by hand; on a MongoDB database of its own where STORES asks for that.

import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { createApp, problemFormatOf } from '../../server/app.ts';
import { readConfig } from '../../server/config.ts';
import { createListener, type ListenerLimits } from '../../server/http/listener.ts';
import { createLog } from '../../server/log.ts';
import { createMetrics } from '../../server/metrics.ts';
import { createProducts, type Products } from '../../server/products.ts';
import { openMongoStore } from '../../server/store/mongo/open-mongo-store.ts';
import { openSqliteStore } from '../../server/store/sqlite/open-sqlite-store.ts';
import { dropDatabase, isMongoAsked, newDatabaseName, uriOfDatabase } from './mongo.ts';
import { CHEAP } from './password-cost.ts';

export interface TestServer {
  url: string;
  app: Express;
  products: Products;
  /** Basic credentials of the administrator. */
  admin: string;
  clock: { now: number };
  /** A GET or POST as the administrator. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/**
 * `environment` are the server's variables; servers that share `clock` and a MONGODB_URI act as one. `file` is an embedded store
 * in any case.
 */
export async function startServer(
  environment: Record<string, string> = {},
  file?: string,
  limits: Partial<ListenerLimits> = {},
  clock = { now: Date.UTC(2026, 10, 20, 18) },
): Promise<TestServer> {
  const ownUri =
    isMongoAsked && file === undefined && environment.MONGODB_URI === undefined
      ? uriOfDatabase(newDatabaseName())
      : undefined;
  const config = readConfig({
    ADMIN_PASSWORD: 'a long secret',
    SUPPRESS_BELOW: '0',
    ...(ownUri === undefined ? {} : { MONGODB_URI: ownUri }),
    ...environment,
  });
  const log = createLog({ level: 'silent' });
  const store =
    config.mongodbUri === undefined
      ? openSqliteStore(file ?? ':memory:')
      : await openMongoStore(config.mongodbUri, { log, clock: () => clock.now });
  const key = Buffer.alloc(32, 7);
  const catchUpAfterMs = 3_600_000; // a test runs the jobs that it is about
  const products = await createProducts({
    ...{ store, config, key, log, catchUpAfterMs, passwordCost: CHEAP },
    clock: () => clock.now,
  });
  await products.accounts.firstStart({ adminPassword: 'a long secret' });
  await products.start();
  const app = createApp({
    products,
    config,
    key,
    metrics: createMetrics(),
    ready: store.ready,
    clock: () => clock.now,
    log,
  });
  const server = createListener({ app, formatOf: problemFormatOf, limits });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const admin = `Basic ${Buffer.from('admin:a long secret').toString('base64')}`;
  return {
    url,
    app,
    products,
    admin,
    clock,
    ask: (path, init = {}) => fetch(url + path, { ...init, headers: { authorization: admin, ...init.headers } }),
    async close() {
      await products.push.endStreams();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await products.stop();
      await store.close();
      if (ownUri !== undefined) await dropDatabase(ownUri);
    },
  };
}
