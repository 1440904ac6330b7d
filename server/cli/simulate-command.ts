// pocketmeter simulate: a fleet of handsets over the public wire (O10).

import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Problem } from '../problem.ts';
import { planFleet } from '../simulator/behaviour.ts';
import { type FleetResult, runFleet } from '../simulator/fleet.ts';
import { simulatedAccounts } from '../simulator/simulated-accounts.ts';
import { truthDocument } from '../simulator/truth.ts';
import { between, examples, whole } from './command-words.ts';
import { atDesk, BY, tell, withProgress } from './desk.ts';

const HOUR_MS = 3_600_000;

const toldOfErrands = ({ orders, cancels, keys, wrong }: FleetResult['errands']): string =>
  `\n${orders} orders, ${cancels} cancelled again, ${keys} keys; ${wrong} answers were wrong`;

function toldOf({
  handsets,
  received,
  missed,
  outOfOrder,
  doubles,
  resumes,
  refused,
  notRecovered,
}: FleetResult['streams']): string {
  return `\n${handsets} event streams: ${received} events received, ${missed} missed, ${outOfOrder} out of order, ${doubles} doubles; ${resumes} resumed, ${notRecovered} of them not recovered, ${refused} refused`;
}

async function requireServer(address: string): Promise<void> {
  await fetch(new URL('/healthz', address)).catch((cause: unknown) => {
    throw new Problem('unavailable', `no server answers at ${address}; start it with npm start`, { cause });
  });
}

export function simulateCommand(program: Command): void {
  const command = program
    .command('simulate')
    .description('a fleet of handsets that watches for some hours that end now, against the running server')
    .option('--handsets <n>', 'how many', whole(1, 1_000_000), 100)
    .option('--hours <n>', 'how long they watch', between(0.1, 168), 6)
    .option('--seed <n>', 'the same seed gives the same fleet', whole(0, 2 ** 31), 1)
    .option('--truth <file>', 'write what they really did, as JSON')
    .option('--url <url...>', 'the server, or several that act as one; default: this configuration’s')
    .option('--speed <n>', '0: as fast as it goes; 1: from now on, in real time', between(0, 1_000), 0)
    .option(
      '--streams <share>',
      'of the modern handsets that hold an event stream, drop and resume it',
      between(0, 1),
      0,
    )
    .option('--orders <share>', 'of the handsets that order something on offer', between(0, 1), 0)
    .option('--concurrency <n>', 'requests at once', whole(1, 10_000), 16)
    .action(async (options) => {
      const { handsets, hours, seed, speed, concurrency, streams, orders } = options;
      const startAt = Math.floor((speed === 0 ? Date.now() - hours * HOUR_MS : Date.now()) / 1000) * 1000;
      const accounts = simulatedAccounts(handsets, seed);
      const endAt = startAt + hours * HOUR_MS;
      const { url, services } = await atDesk(async ({ config, guide, accounts: known }) => {
        const addresses: string[] = options.url ?? [`http://${config.host}:${config.port}`];
        for (const address of addresses) await requireServer(address);
        const rows = async function* () {
          for (const { user, password } of accounts)
            yield { line: 0, entry: { user, password, role: 'handset' as const } };
        };
        const { refused, faults } = await known.import(rows(), { by: BY });
        if (refused > 0) throw new Problem('conflict', `the fleet’s accounts were refused: ${faults[0]?.rule ?? ''}`);
        const programmes = await guide.listProgrammes({ from: startAt, to: endAt });
        const list = await guide.listServices();
        const services = list.map((one) => ({
          id: one.id,
          ...(one.measured.length === 0 && config.measure === 'all' ? {} : { measured: one.measured }),
          programmes: programmes.filter(({ service }) => service === one.id),
        }));
        return { url: addresses, services };
      });
      const plan = planFleet({ handsets, hours, seed, startAt, services });
      if (options.truth !== undefined)
        await writeFile(options.truth, `${JSON.stringify(truthDocument(plan), null, 2)}\n`);
      const result = await withProgress('reports', ({ update }) => {
        const onProgress = ({ done, total }: { done: number; total: number }): void => update(done, total);
        const how = { speed, concurrency, streams, orders, obeysMarks: true, clock: Date.now };
        return runFleet({ url, plan, accounts, ...how, onProgress });
      });
      const { sent, acknowledged, refused, unmeasured, doubles, p50Ms, p99Ms } = result;
      const kept = unmeasured === 0 ? '' : `; ${unmeasured} not sent, as the guide does not measure them`;
      tell(
        program.opts().json,
        result,
        `${sent} reports sent, ${acknowledged} acknowledged, ${refused} refused, ${doubles} of them doubles; p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms${kept}${streams > 0 ? toldOf(result.streams) : ''}${orders > 0 ? toldOfErrands(result.errands) : ''}`,
      );
      const { missed, outOfOrder, refused: unopened } = result.streams;
      if (refused + missed + outOfOrder + unopened + result.errands.wrong > 0) process.exitCode = 1;
    });
  examples(
    command,
    'simulate --handsets 200 --hours 6 --seed 1 --truth truth.json',
    'simulate --handsets 50 --hours 0.5 --speed 1',
  );
}
