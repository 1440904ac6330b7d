// Loads 1,000 services and 500,000 programmes into a guide in a file; prints time, memory and the longest wait (G2).

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openDatabase } from '../server/store/sqlite/database.ts';
import { createSqliteGuideStore } from '../server/store/sqlite/guide-store.ts';
import { createGuide } from '../sg/guide.ts';

const SERVICES = Number(process.argv[2] ?? 1_000);
const PROGRAMMES = Number(process.argv[3] ?? 500_000);
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

const folder = await mkdtemp(join(tmpdir(), 'guide-bench-'));
try {
  const database = openDatabase(join(folder, 'guide.db'));
  const guide = createGuide({ store: createSqliteGuideStore(database), clock: Date.now });
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
  database.close();
  console.log(`file ${((await stat(join(folder, 'guide.db'))).size / 1_048_576).toFixed(0)} MiB`);
} finally {
  await rm(folder, { recursive: true });
}
