// pocketmeter guide …: what is on, what of it is measured, what can be bought (G1, G2, G5, O8).

import type { Command } from 'commander';
import { purchaseItemFromBody, purchaseItemOut } from '../../sg/purchase-item-body.ts';
import type { MeasuredWindow } from '../../sg/schedule.ts';
import { Problem } from '../problem.ts';
import { examples, windowOf, withWindow } from './command-words.ts';
import { atDesk, iso, openInput, tell, withProgress } from './desk.ts';

const SHOWN_MS = 6 * 3_600_000;

export function guideCommands(program: Command): void {
  const guide = program.command('guide').description('the service guide');
  const json = (): boolean => program.opts().json === true;

  examples(
    guide
      .command('load <file>')
      .description('load an XMLTV file; it replaces what it covers, all at once or not at all')
      .requiredOption('--provider <id>', 'the content provider of its services')
      .action(async (file: string, { provider }) => {
        const { stream, size } = await openInput(file);
        const result = await withProgress('bytes', ({ update }) =>
          atDesk((desk) =>
            desk.guide.load(stream, { provider, source: file, onProgress: () => update(stream.bytesRead, size) }),
          ),
        );
        for (const { line, rule, message } of result.faults)
          process.stderr.write(`${file}:${line}: ${rule}: ${message}\n`);
        const { revision, services, programmes, skipped } = result;
        tell(
          json(),
          result,
          `revision ${revision}: ${services} services, ${programmes} programmes, ${skipped} skipped`,
        );
      }),
    'guide load fixtures/guide/faulty.xml --provider demo',
  );

  examples(
    withWindow(guide.command('show').description('show what is on, by time and service'), 'now', 'in six hours')
      .option('--service <id>', 'one service')
      .action(async (options) => {
        const from: number = options.from ?? Date.now();
        const window = windowOf({ ...options, from }, { to: from + SHOWN_MS });
        const services = options.service === undefined ? {} : { services: [options.service] };
        const list = await atDesk((desk) => desk.guide.listProgrammes({ ...window, ...services }));
        const lines = list.map(({ service, startAt, stopAt, titles }) =>
          [service, iso(startAt), iso(stopAt), Object.values(titles)[0] ?? ''].join('\t'),
        );
        tell(json(), list, lines.join('\n'));
      }),
    'guide show',
    'guide show --service 01 --from 2026-03-01 --to 2026-03-02 --json',
  );

  examples(
    guide
      .command('measured <service> [marks...]')
      .description('say by Channel_stat marks what of a service is measured; without marks, show it')
      .option('--clear', 'no marks: the setting MEASURE says whether all or nothing is measured')
      .action(async (service: string, marks: string[], { clear }) => {
        if (clear === true && marks.length > 0) throw new Problem('invalid', 'give marks or --clear');
        const windows = await atDesk(async (desk) => {
          if (clear === true || marks.length > 0)
            return await desk.guide.setMeasuredWindows({ role: 'administrator' }, service, marks);
          const found = await desk.guide.findService(service);
          if (found === undefined) throw new Problem('not_found', `there is no service ${service}`);
          return found.measured;
        });
        const shown = windows.map(({ from, to }) => ({ from: iso(from), to: iso(to) }));
        tell(json(), shown, textOf(windows));
      }),
    'guide measured 01',
    "guide measured 01 'TRUE 2026-03-01T18:00+01:00~23:00' 'FALSE 2026-03-01T20:00+01:00~20:15'",
    "guide measured 01 'stat=TRUE 2026-03-01 18:00~23:00'",
    'guide measured 01 --clear',
  );

  examples(
    guide
      .command('items')
      .description('list what can be bought')
      .action(async () => {
        const items = await atDesk((desk) => desk.guide.listPurchaseItems());
        const lines = items.map(({ id, price, period = 'for good', services, parts }) =>
          [id, `${price.amount} ${price.currency}`, period, [...services, ...parts].join(' ')].join('\t'),
        );
        tell(json(), items.map(purchaseItemOut), lines.join('\n'));
      }),
    'guide items',
  );

  examples(
    guide
      .command('sell <id>')
      .description('add or replace what can be bought: services, or a bundle of them and of other items')
      .option('--name <text>', 'its name; default: the id')
      .option('--services <ids...>', 'services that come with it')
      .option('--parts <ids...>', 'other items that come with it')
      .requiredOption('--price <amount>', 'a decimal number')
      .requiredOption('--currency <code>', 'three letters, such as EUR')
      .option('--period <duration>', 'for how long one payment holds: P1M, P7D, PT24H; default: for good')
      .option('--provider <id>', 'whose it is; default: as it is, or that of its first service')
      .action(async (id: string, { name = id, services = [], parts = [], price, currency, period, provider }) => {
        const revision = await atDesk(async (desk) => {
          const before = await desk.guide.findPurchaseItem(id);
          const first = await desk.guide.findService(services[0] ?? '');
          const fields = {
            names: { und: name },
            services,
            parts,
            price: { amount: price, currency },
            period,
            provider,
          };
          const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
          const item = purchaseItemFromBody(given, id, first?.provider ?? desk.config.guideProvider, before);
          return await desk.guide.putPurchaseItem({ role: 'administrator' }, item);
        });
        tell(json(), { id, revision }, `revision ${revision}: ${id} is on sale`);
      }),
    'guide sell news --name News --services 02 --price 4.99 --currency EUR --period P1M',
    'guide sell all --services 01 --parts news --price 9.99 --currency EUR --period P1M',
  );

  examples(
    guide
      .command('unsell <id>')
      .description('remove what can be bought, unless it is a part of something else')
      .action(async (id: string) => {
        const revision = await atDesk((desk) => desk.guide.removePurchaseItem({ role: 'administrator' }, id));
        tell(json(), { id, revision }, `revision ${revision}: ${id} is not on sale`);
      }),
    'guide unsell all',
  );
}

function textOf(windows: readonly MeasuredWindow[]): string {
  if (windows.length === 0) return 'no marks: the setting MEASURE says what is measured';
  if (windows.every(({ from, to }) => from === to)) return 'nothing is measured';
  return windows.map(({ from, to }) => `${iso(from)}\t${iso(to)}`).join('\n');
}
