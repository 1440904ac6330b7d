// Loads 1,000 services and 500,000 programmes into a guide; prints time, memory and the longest wait (G2).
// --store mongo loads into a database of its own on the server that MONGODB_URI names, and drops it.

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createMongoGuideStore } from '../server/store/mongo/guide-store.ts';
import { openDatabase } from '../server/store/sqlite/database.ts';
import { createSqliteGuideStore } from '../server/store/sqlite/guide-store.ts';
import { createGuide } from '../sg/guide.ts';
import type { GuideStore } from '../sg/guide-store.ts';
import { openScratchDatabase } from '../test/support/mongo.ts';

const { values, positionals } = parseArgs({
  options: { store: { type: 'string', default: 'sqlite' } },
  allowPositionals: true,
});
const SERVICES = Number(positionals[0] ?? 1_000);
const PROGRAMMES = Number(positionals[1] ?? 500_000);
const LENGTH_MS = 30 * 60_000;
const START = Date.UTC(2007, 7, 9);
const DESCRIPTION =
  'A description of about two hundred characters, as guides have them, so that the size is real. '.repeat(2);

const timeOf = (at: number): string => `${new Date(at).toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)} +0000`;

/** By time across channels: the order that spreads each channel over the whole file. */
async function* xmltv(): AsyncGenerator<Buffer> {
  yield Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n<tv>\n');
  const channels = Array.from({ length: SERVICES }, (_, index) => `s${index}`);
  yield Buffer.from(
    channels.map((id) => `<channel id="${id}"><display-name>${id}</display-name></channel>\n`).join(''),
  );
  for (let done = 0, slot = 0; done < PROGRAMMES; done += SERVICES, slot += 1) {
    const [start, stop] = [timeOf(START + slot * LENGTH_MS), timeOf(START + (slot + 1) * LENGTH_MS)];
    const some = channels.slice(0, PROGRAMMES - done).map(
      (
        id,
      ) => `<programme start="${start}" stop="${stop}" channel="${id}"><title lang="en">Programme ${slot} of ${id}</title>
<desc lang="en">${DESCRIPTION}</desc><category>News</category></programme>\n`,
    );
    yield Buffer.from(some.join(''));
  }
  yield Buffer.from('</tv>\n');
}

interface Opened {
  store: GuideStore;
  /** What it takes on disk, MiB. */
  size(): Promise<number>;
  close(): Promise<void>;
}

async function openMongo(): Promise<Opened> {
  const database = await openScratchDatabase();
  return {
    store: await createMongoGuideStore(database),
    size: async () => (await database.db.stats()).totalSize / 1_048_576,
    close: database.close,
  };
}

async function openSqlite(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'guide-bench-'));
  const file = join(folder, 'guide.db');
  const database = openDatabase(file);
  return {
    store: createSqliteGuideStore(database),
    size: async () => (await stat(file)).size / 1_048_576,
    async close() {
      database.close();
      await rm(folder, { recursive: true });
    },
  };
}

const opened = await (values.store === 'mongo' ? openMongo() : openSqlite());
try {
  const guide = createGuide({ store: opened.store, clock: Date.now });
  for (const round of ['first load', 'same again']) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const begun = performance.now();
    const result = await guide.load(xmltv(), {
      provider: 'demo',
      source: 'bench',
      onProgress: ({ phase, services, programmes }) => {
        if (process.stdout.isTTY) process.stdout.write(`\r${phase} ${services} services ${programmes} programmes `);
      },
    });
    delay.disable();
    const seconds = (performance.now() - begun) / 1000;
    const rssMiB = process.resourceUsage().maxRSS / 1024;
    console.log(`${round}: ${result.services} services, ${result.programmes} programmes in ${seconds.toFixed(1)} s`);
    console.log(
      `  revision ${result.revision}, faults ${result.faultCount}, peak RSS ${rssMiB.toFixed(0)} MiB (target below 512)`,
    );
    console.log(
      `  longest wait of other work ${(delay.max / 1e6).toFixed(0)} ms, 99% ${(delay.percentile(99) / 1e6).toFixed(0)} ms`,
    );
  }
  const begun = performance.now();
  const [from, to] = [START + 12 * 3_600_000, START + 36 * 3_600_000];
  const programmes = await guide.listProgrammes({ from, to });
  console.log(
    `a day of every service: ${programmes.length} programmes in ${(performance.now() - begun).toFixed(0)} ms; ${(await opened.size()).toFixed(0)} MiB on disk`,
  );
} finally {
  await opened.close();
}
