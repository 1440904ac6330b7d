// pocketmeter simulate: a fleet of handsets over the public wire (O10).

import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { Problem } from '../problem.ts';
import type { SurveyHabits } from '../simulator/handset-survey.ts';
import { between, examples, whole } from './command-words.ts';
import { atDesk, BY, tell, withProgress } from './desk.ts';
import { isFlawless, summaryOf } from './simulate-summary.ts';

const HOUR_MS = 3_600_000;

/** In real time there is time to hold streams and to buy; as fast as it goes a handset is there for a moment only. */
const defaultsAt = (speed: number) => (speed === 0 ? { streams: 0, orders: 0 } : { streams: 0.5, orders: 0.1 });

/** The other commands start without it. */
const loadSimulator = async () => ({
  ...(await import('../simulator/behaviour.ts')),
  ...(await import('../simulator/event-record.ts')),
  ...(await import('../simulator/fleet.ts')),
  ...(await import('../simulator/simulated-accounts.ts')),
  ...(await import('../simulator/truth.ts')),
});

async function requireServer(address: string): Promise<void> {
  await fetch(new URL('/healthz', address)).catch((cause: unknown) => {
    throw new Problem('unavailable', `no server answers at ${address}; start it with npm start`, { cause });
  });
}

const answersOf = (wrong: number | undefined): { answers?: SurveyHabits } =>
  wrong === undefined ? {} : { answers: { overClaim: wrong, underReport: wrong, silent: 0.1, late: 0.05 } };

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
      'of the modern handsets that hold an event stream, drop and resume it; default: 0.5, at --speed 0: 0',
      between(0, 1),
    )
    .option('--websockets <share>', 'of the streams that are a WebSocket', between(0, 1), 0.25)
    .option('--orders <share>', 'of the users who order what is on offer; default: 0.1, at --speed 0: 0', between(0, 1))
    .option('--cancels <share>', 'of the orders that are cancelled again', between(0, 1), 0.4)
    .option('--answers <share>', 'handsets answer surveys, this share of them wrongly; at --speed 1', between(0, 1))
    .option('--concurrency <n>', 'requests at once', whole(1, 10_000), 16)
    .action(async (options) => {
      const { createEventRecord, planFleet, runFleet, simulatedAccounts, truthDocument } = await loadSimulator();
      const { handsets, hours, seed, speed, concurrency } = options;
      const { streams, orders } = { ...defaultsAt(speed), ...options };
      const startAt = Math.floor((speed === 0 ? Date.now() - hours * HOUR_MS : Date.now()) / 1000) * 1000;
      const accounts = simulatedAccounts(handsets, seed);
      const endAt = startAt + hours * HOUR_MS;
      const { url, services, items } = await atDesk(async ({ config, guide, accounts: known }) => {
        const addresses: string[] = options.url ?? [`http://${config.host}:${config.port}`];
        for (const address of addresses) await requireServer(address);
        const rows = async function* () {
          for (const account of accounts) yield { line: 0, entry: { ...account, role: 'handset' as const } };
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
        const offered = (await guide.listPurchaseItems()).filter(
          ({ validFrom = 0, validTo = Number.POSITIVE_INFINITY }) => validFrom <= Date.now() && endAt < validTo,
        );
        return { url: addresses, services, items: offered.map(({ id }) => id) };
      });
      const shares = { streamShare: streams, webSocketShare: options.websockets, orderShare: orders };
      const plan = planFleet({
        ...{ handsets, hours, seed, startAt, services, items },
        options: { ...shares, cancelShare: options.cancels },
      });
      if (options.truth !== undefined)
        await writeFile(options.truth, `${JSON.stringify(truthDocument(plan), null, 2)}\n`);
      const result = await atDesk(({ store, accounts: known }) =>
        withProgress('reports', ({ update }) => {
          const onProgress = ({ done, total }: { done: number; total: number }): void => update(done, total);
          const userOf = async (viewer: number): Promise<string | undefined> =>
            (await known.findByViewer(viewer))?.user;
          const record = createEventRecord({ events: store.events, userOf });
          const how = { speed, concurrency, obeysMarks: true, record, clock: Date.now, ...answersOf(options.answers) };
          return runFleet({ url, plan, accounts, ...how, onProgress });
        }),
      );
      tell(program.opts().json, result, summaryOf(result));
      if (!isFlawless(result)) process.exitCode = 1;
    });
  examples(
    command,
    'simulate --handsets 200 --hours 6 --seed 1 --truth truth.json',
    'simulate --handsets 50 --hours 0.5 --speed 1',
  );
}
