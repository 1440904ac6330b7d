// pocketmeter simulate: a fleet of handsets over the public wire (O10).

import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Problem } from '../problem.ts';
import { planFleet } from '../simulator/behaviour.ts';
import { runFleet } from '../simulator/fleet.ts';
import { simulatedAccounts } from '../simulator/simulated-accounts.ts';
import { truthDocument } from '../simulator/truth.ts';
import { atDesk, BY, showProgress, tell } from './desk.ts';

const HOUR_MS = 3_600_000;

export function simulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('a fleet of handsets that watches for some hours that end now, against the running server')
    .option('--handsets <n>', 'how many', '100')
    .option('--hours <n>', 'how long they watch', '6')
    .option('--seed <n>', 'the same seed gives the same fleet', '1')
    .option('--truth <file>', 'write what they really did, as JSON')
    .option('--url <url>', 'the server; default: this configuration’s')
    .option('--speed <n>', '0: as fast as it goes; 1: from now on, in real time', '0')
    .option('--concurrency <n>', 'requests at once', '16')
    .action(async (options) => {
      const [handsets, hours, seed, speed, concurrency] = ['handsets', 'hours', 'seed', 'speed', 'concurrency'].map(
        (name) => readNumber(name, options[name]),
      ) as [number, number, number, number, number];
      const startAt = Math.floor((speed === 0 ? Date.now() - hours * HOUR_MS : Date.now()) / 1000) * 1000;
      const accounts = simulatedAccounts(handsets, seed);
      const { url, services } = await atDesk(async ({ config, guide, accounts: known }) => {
        const address = options.url ?? `http://${config.host}:${config.port}`;
        await fetch(new URL('/healthz', address)).catch((cause: unknown) => {
          throw new Problem('unavailable', `no server answers at ${address}; start it with npm start`, { cause });
        });
        const rows = async function* () {
          for (const { user, password } of accounts)
            yield { line: 0, entry: { user, password, role: 'handset' as const } };
        };
        const { refused, faults } = await known.import(rows(), { by: BY });
        if (refused > 0) throw new Problem('conflict', `the fleet’s accounts were refused: ${faults[0]?.rule ?? ''}`);
        const programmes = await guide.listProgrammes({ from: startAt, to: startAt + hours * HOUR_MS });
        const list = await guide.listServices();
        const services = list.map(({ id }) => ({ id, programmes: programmes.filter(({ service }) => service === id) }));
        return { url: address, services };
      });
      const plan = planFleet({ handsets, hours, seed, startAt, services });
      if (options.truth !== undefined)
        await writeFile(options.truth, `${JSON.stringify(truthDocument(plan), null, 2)}\n`);
      const bar = showProgress('reports', 1);
      const onProgress = ({ done, total }: { done: number; total: number }): void => bar.update(done, total);
      const result = await runFleet({ url, plan, accounts, speed, concurrency, clock: Date.now, onProgress });
      bar.stop();
      const { sent, acknowledged, refused, doubles, p50Ms, p99Ms } = result;
      tell(
        program.opts().json,
        result,
        `${sent} reports sent, ${acknowledged} acknowledged, ${refused} refused, ${doubles} of them doubles; p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
      );
      if (refused > 0) process.exitCode = 1;
    });
}

function readNumber(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isFinite(number) || number < 0) throw new Problem('invalid', `--${name} must be a number, not ${text}`);
  return number;
}
