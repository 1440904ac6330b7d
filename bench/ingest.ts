// Reports a second of the whole server on one core, against a bare node:http server that answers 200 to the same requests (V19).

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { newDatabaseName, uriOfDatabase } from '../test/support/mongo.ts';
import { prepareAccounts, readMetric } from './ingest-accounts.ts';
import { insertPlainly } from './insert-plainly.ts';
import { CORE, start } from './pinned-server.ts';
import { writeSignedRequests } from './signed-requests.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    handsets: { type: 'string', default: '2000' },
    connections: { type: 'string', default: '256' },
    profile: { type: 'boolean', default: false },
    store: { type: 'string', default: 'sqlite' },
  },
});
const SECONDS = Number(values.seconds);
const ON_MONGO = values.store === 'mongo'; // on the server that MONGODB_URI names
const MOST_A_SECOND = 45_000; // signed requests are made for so many: none is sent twice to the product

const BARE = `import { createServer } from 'node:http';
createServer((request, response) => {
  request.on('data', () => {}).on('end', () => response.end('ok'));
}).listen(0, '127.0.0.1', function () { console.log(JSON.stringify({ port: this.address().port })); });`;

const LUA = `local file, size = io.open(os.getenv('REQUESTS'), 'rb'), 0
init = function() end
request = function()
  local length = file:read(4)
  if not length then file:seek('set', 0) length = file:read(4) end
  return file:read(tonumber(length))
end`;

/** wrk's figures of one run; the requests are read from the file, over and over. */
async function load(url: string, requests: string, script: string) {
  const args = [
    '-c',
    CORE.load,
    'wrk',
    '-t1',
    `-c${values.connections}`,
    `-d${SECONDS}s`,
    '--latency',
    '-s',
    script,
    url,
  ];
  const { stdout } = await promisify(execFile)('nice', ['-n', '-15', 'taskset', ...args], {
    env: { ...process.env, REQUESTS: requests },
  });
  const done = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const failed = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  const p99 = /99%\s+(\S+)/.exec(stdout)?.[1] ?? '?';
  const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
  return { done, failed, p99, perSecond };
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [below = Number.NaN, above = Number.NaN] = [0.5, 0].map((back) => sorted[Math.floor(sorted.length / 2 - back)]);
  return (below + above) / 2;
}

const folder = await mkdtemp(join(tmpdir(), 'bench-ingest-'));
try {
  const [script, bareServer, requests] = ['load.lua', 'bare.mjs', 'requests'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(script, LUA);
  await writeFile(bareServer, BARE);
  const ratios: number[] = [];
  for (let round = 1; round <= Number(values.rounds); round += 1) {
    const dataDir = join(folder, `data-${round}`);
    const environment = {
      DATA_DIR: dataDir,
      PORT: '0',
      NONCE_LIFE_S: '3600',
      LOG_LEVEL: 'info',
      ADMIN_PASSWORD: 'bench only',
      SAMPLE_GUIDE: 'false',
      MONGODB_URI: ON_MONGO ? uriOfDatabase(newDatabaseName()) : '',
    };
    const users = await prepareAccounts(environment, Number(values.handsets));
    const profile = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${join(tmpdir(), 'bench-profile')}`] : [];
    const product = await start([...profile, 'server/main.ts'], environment);
    await writeSignedRequests({ url: product.url, users, count: MOST_A_SECOND * SECONDS, file: requests });
    const ours = await load(product.url, requests, script);
    const stored = await readMetric(product.url, 'pocketmeter_reports_total{result="recorded"}');
    const commits = await readMetric(product.url, 'pocketmeter_report_commits');
    await product.stop();
    const bare = await start([bareServer], {});
    const theirs = await load(bare.url, requests, script);
    await bare.stop();
    const ratio = ours.perSecond / theirs.perSecond;
    ratios.push(ratio);
    console.log(
      `round ${round}: product ${ours.perSecond.toFixed(0)}/s (p99 ${ours.p99}, ${ours.failed} refused, ${stored} stored of ${ours.done}), ` +
        `bare node:http ${theirs.perSecond.toFixed(0)}/s (p99 ${theirs.p99}), ratio ${ratio.toFixed(3)}`,
    );
    if (ON_MONGO) {
      const size = Math.round(stored / commits); // as many reports shared a commit
      const plain = await insertPlainly(environment.MONGODB_URI, size, SECONDS);
      const share = ours.perSecond / plain;
      console.log(`  insertMany of ${size} in a loop ${plain.toFixed(0)}/s, share ${share.toFixed(3)} (bound 0.6)`);
    }
    await rm(dataDir, { recursive: true, force: true });
  }
  console.log(`ratio, median of ${ratios.length}: ${median(ratios).toFixed(3)} (bound 0.25, aim 0.35)`);
} finally {
  await rm(folder, { recursive: true });
}
