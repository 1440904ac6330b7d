// Starts the server: configuration, store, products, listener; stops it in the reverse order.

import { readFileSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { createApp, problemFormatOf } from './app.ts';
import { type Config, readConfig } from './config.ts';
import { createListener, KEEP_ALIVE_BEHIND_PROXY_MS } from './http/listener.ts';
import { createListenerClose } from './http/listener-close.ts';
import { createLog } from './log.ts';
import { createMetrics } from './metrics.ts';
import { Problem } from './problem.ts';
import { createProducts } from './products.ts';
import { readSecretKey } from './secret-key.ts';
import { openStore } from './store/open-store.ts';

const CLOSE_WITHIN_MS = 5_000; // container engines wait 10 s before they kill; the store must be closed by then, too

async function start(): Promise<void> {
  const config = readConfig();
  const log = createLog({ level: config.logLevel });
  const clock = Date.now;
  const store = await openStore(config, { log, clock });
  const key = readSecretKey(config);
  const metrics = createMetrics();
  const products = await createProducts({ store, config, key, clock, log, metrics });
  const { accounts, viewing, push } = products;
  const first = await accounts.firstStart(
    config.adminPassword === undefined ? {} : { adminPassword: config.adminPassword },
  );
  if (first?.password !== undefined) {
    process.stdout.write(
      `\n  First administrator: ${first.user}   password: ${first.password}   (shown this once)\n\n`,
    );
  }
  metrics.addGauge('reports_waiting', 'Reports that wait for their commit', viewing.queueDepth);
  metrics.addGauge('report_commits', 'Groups of reports that shared a commit, since the start', viewing.commitCount);
  metrics.addGauge('devices_online', 'Devices online', viewing.online.size);
  metrics.addGauge('event_streams_open', 'Event streams of handsets', () => push.counts().open);
  metrics.addCounter('events_delivered_total', 'Events written to streams', () => push.counts().delivered);
  metrics.addCounter('event_streams_cut_total', 'Streams cut off for slow reading', () => push.counts().cutOff);
  const app = createApp({ products, config, key, metrics, ready: store.ready, clock, log });
  const { tlsCert, tlsKey } = config;
  const server = createListener({
    app,
    formatOf: problemFormatOf,
    ...(tlsCert === undefined || tlsKey === undefined
      ? {}
      : { tls: { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) } }),
    ...(config.trustedHops > 0 ? { limits: { keepAliveMs: KEEP_ALIVE_BEHIND_PROXY_MS } } : {}),
  });
  const closeListener = createListenerClose(server, CLOSE_WITHIN_MS);
  const port = await listen(server, config);
  log.info(
    { port, host: config.host },
    `pocketmeter answers at http${tlsCert === undefined ? '' : 's'}://${config.host}:${port}`,
  );
  const started = products.start();

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    await Promise.allSettled([closeListener(), push.endStreams(), started]);
    await products.stop();
    await store.close();
    log.info({}, 'stopped');
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  await started;
}

/** Answers the port, which the system chose when it was 0. Problem `unavailable` when the address can't be had. */
function listen(server: Server, { port, host }: Pick<Config, 'port' | 'host'>): Promise<number> {
  return new Promise((resolve, reject) => {
    const refuse = ({ code }: NodeJS.ErrnoException): void =>
      reject(new Problem('unavailable', `${host}:${port} can't be listened at: ${code}`));
    server.once('error', refuse).listen(port, host, () => {
      server.off('error', refuse);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

start().catch((error: unknown) => {
  process.stderr.write(
    `pocketmeter does not start: ${error instanceof Problem ? error.detail : String(error instanceof Error ? error.stack : error)}\n`,
  );
  process.exitCode = 1;
  process.exit();
});
