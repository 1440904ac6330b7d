// pocketmeter data migrate: moves all data between the embedded store and MongoDB (O3, O8).

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { Problem } from '../problem.ts';
import { createProducts } from '../products.ts';
import { keyFileIn, readSecretKey } from '../secret-key.ts';
import { beginMigration, compareDataSets, copyDataSet } from '../store/migrate.ts';
import { openStoreAlone, type Place } from '../store/open-store.ts';
import { DATABASE_FILE } from '../store/sqlite/data-folder.ts';
import type { Store } from '../store/store.ts';
import { examples } from './command-words.ts';
import { BY, tell, withProgress } from './desk.ts';

export function migrateCommand(data: Command, json: () => boolean): void {
  examples(
    data
      .command('migrate')
      .description('move all data from the embedded store to MongoDB, or back; no server may run on either')
      .requiredOption('--to <place>', 'an empty place, or one where this was broken off: it goes on there')
      .option('--from <place>', 'the place where the data is; it stays there (default: DATA_DIR)')
      .addHelpText(
        'after',
        `
A place is a data folder (such as ./data), the address of a MongoDB database (mongodb://user:password@host/database), or
the word MONGODB_URI for the address in that variable, which other users of the machine cannot see.

It may be broken off at any moment and given again. At the end all of both sides is read and held against each other by
counts and checksums; before that no server starts on the target. The key that seals credentials is not moved: servers on the
target need the same SECRET_KEY, or the same file secret.key in their DATA_DIR, and the same REALM.`,
      )
      .action(async (options: { from?: string; to: string }) => {
        const config = readConfig();
        const places = {
          from: options.from === undefined ? { dataDir: config.dataDir } : placeOf('--from', options.from, config),
          to: placeOf('--to', options.to, config),
        };
        refuseWrongFolders(places);
        const key = findKey(places, config);
        await withStores(places, async ({ from, to }) => {
          const sides = { from, to };
          const clock = Date.now;
          const { isNew } = await beginMigration(sides);
          await bringUpToDate(from, { config, key, movedTo: isNew ? to.dataSet.place : undefined });
          await withProgress('moved', ({ update }) => copyDataSet(sides, clock, update));
          const kinds = await withProgress('compared', ({ update }) => compareDataSets(sides, clock, update));
          const counts = Object.entries(kinds).map(([kind, { count }]) => `  ${kind.padEnd(10)} ${count}`);
          tell(
            json(),
            { from: from.dataSet.place, to: to.dataSet.place, kinds },
            `moved from ${from.dataSet.place} to ${to.dataSet.place}; counts and checksums of both agree:\n` +
              `${counts.join('\n')}\n${keyAdvice(places.to, key)}`,
          );
        });
      }),
    'data migrate --to mongodb://user:password@db.example.net/pocketmeter',
    'data migrate --from MONGODB_URI --to ./data-again',
  );
}

/** The key, and where it is, for people. */
interface Key {
  bytes: Buffer;
  told: string;
}

function placeOf(named: string, given: string, config: Config): Place {
  if (given === 'MONGODB_URI') {
    if (config.mongodbUri === undefined) throw new Problem('invalid', `${named}: MONGODB_URI is not set`);
    return { mongodbUri: config.mongodbUri };
  }
  if (/^mongodb(\+srv)?:\/\//.test(given)) return { mongodbUri: given };
  // What was given is not repeated: it may hold a password.
  if (/^[a-z][\w+.-]+:/i.test(given))
    throw new Problem(
      'invalid',
      `${named} is neither a folder nor an address that begins with mongodb:// or mongodb+srv://`,
    );
  return { dataDir: given };
}

/** A folder that is not there is made when it is opened: not so the source. */
function refuseWrongFolders({ from, to }: { from: Place; to: Place }): void {
  if (!('dataDir' in from)) return;
  if (!existsSync(join(from.dataDir, DATABASE_FILE)))
    throw new Problem('not_found', `there is no data in ${from.dataDir}`);
  if ('dataDir' in to && resolve(to.dataDir) === resolve(from.dataDir))
    throw new Problem('invalid', `${to.dataDir} is where the data is already`);
}

/** The key with which the source is sealed, and which nothing in the target's place contradicts. */
function findKey({ from, to }: { from: Place; to: Place }, config: Config): Key {
  if (config.secretKey !== undefined) return { bytes: config.secretKey, told: 'the value of SECRET_KEY' };
  const told = keyFileIn('dataDir' in from ? from.dataDir : config.dataDir);
  if (!existsSync(told))
    throw new Problem('not_found', `there is no ${told}: put there the key of the data, or set SECRET_KEY`);
  const bytes = readSecretKey({ dataDir: dirname(told) });
  if ('dataDir' in to && existsSync(keyFileIn(to.dataDir)) && !bytes.equals(readSecretKey(to)))
    throw new Problem('conflict', `${keyFileIn(to.dataDir)} is another key than ${told}: take it away first`);
  return { bytes, told };
}

function keyAdvice(to: Place, { told }: Key): string {
  if (!told.endsWith('secret.key'))
    return 'The key is not moved: start servers there with the same SECRET_KEY and REALM.';
  if ('mongodbUri' in to)
    return `The key is not moved: start servers there with SECRET_KEY set to what ${told} holds, or with that file in their DATA_DIR; and with the same REALM.`;
  if (existsSync(keyFileIn(to.dataDir))) return 'Its key is there already. Start a server there with the same REALM.';
  return `The key is not moved: copy ${told} to ${keyFileIn(to.dataDir)} before a server starts there, with the same REALM.`;
}

async function withStores<T>(
  places: { from: Place; to: Place },
  work: (stores: Record<'from' | 'to', Store>) => Promise<T>,
): Promise<T> {
  const deps = { log: createLog({ level: 'silent' }), clock: Date.now };
  const opened: Store[] = [];
  const open = async (place: Place, named: string): Promise<Store> => {
    const store = await openStoreAlone(place, { ...deps, named });
    opened.push(store);
    return store;
  };
  try {
    return await work({ from: await open(places.from, '--from'), to: await open(places.to, '--to') });
  } finally {
    for (const { settlingTurn, close } of opened) {
      await settlingTurn.release().catch(() => undefined); // it runs out by itself
      await close();
    }
  }
}

/**
 * Brings sessions up to date with the reports, so that nothing is half done where it arrives. `movedTo` goes into the audit log of the
 * source, and from there into the target's. Problem `invalid` when the key is another.
 */
async function bringUpToDate(
  store: Store,
  deps: { config: Config; key: Key; movedTo: string | undefined },
): Promise<void> {
  const { config, key, movedTo } = deps;
  const log = createLog({ level: 'silent' });
  const { audit, viewing } = await createProducts({ store, config, key: key.bytes, clock: Date.now, log });
  try {
    for (let before: string | undefined; ; ) {
      const [first] = await store.reports.listUnsettled(1);
      if (first === undefined) break;
      const { device, key: name } = first.report;
      const isStuck = before === `${device} ${name}`;
      before = `${device} ${name}`;
      // Who waits for very many is told after some time to come again.
      await viewing.listSessions({ from: 0, to: 1, limit: 1 }).catch((error: unknown) => {
        if (isStuck) throw error;
      });
    }
    if (movedTo !== undefined) await audit.record({ by: BY, action: 'data.migrate', subject: movedTo });
  } finally {
    await viewing.stop();
  }
}
