// No hot query of the ports scans a collection on MongoDB: each command that an adapter sends is explained by the server (O3).

import { expect } from 'chai';
import type { CommandStartedEvent, Db, Document } from 'mongodb';
import { openMongoPorts } from '../../server/store/mongo/open-mongo-store.ts';
import { isMongoAsked, newDatabaseName, openScratchDatabase, uriOfDatabase } from '../support/mongo.ts';

const MANY = 3_000; // so many that a planner does not prefer to read them all
type Query = { find: string; filter: Document } & Partial<Record<'sort' | 'limit' | 'projection', unknown>>;

/** The finding part of any command that has one. */
function queriesOf({ command }: Pick<CommandStartedEvent, 'command'>): Query[] {
  const {
    find,
    filter = {},
    sort,
    limit,
    projection,
    findAndModify,
    query,
    update,
    updates,
    aggregate,
    pipeline,
  } = command;
  if (find !== undefined) {
    const shape = Object.entries({ sort, limit, projection }).filter(([, value]) => value !== undefined);
    return [{ find, filter, ...Object.fromEntries(shape) }];
  }
  if (findAndModify !== undefined) return [{ find: findAndModify, filter: query }];
  if (updates !== undefined) return [{ find: update, filter: updates[0].q }];
  if (command.deletes !== undefined) return [{ find: command.delete, filter: command.deletes[0].q }];
  if (aggregate !== undefined) return [{ find: aggregate, filter: pipeline[0].$match }];
  return [];
}

interface Access {
  name: string;
  bounded: boolean;
}

/** How a plan reaches documents: MongoDB's stages, or the nodes of PostgreSQL below DocumentDB. */
function accessesOf(plan: unknown, limited = false): Access[] {
  if (typeof plan !== 'object' || plan === null) return [];
  if (Array.isArray(plan)) return plan.flatMap((each) => accessesOf(each, limited));
  const node = plan as Document;
  const name: string = node.stage ?? node['Node Type'] ?? '';
  const within = name === 'SORT' || name === 'Sort' ? false : limited || name === 'LIMIT' || name === 'Limit';
  const below = Object.entries(node)
    .filter(([key]) => key !== 'rejectedPlans')
    .flatMap(([, value]) => accessesOf(value, within));
  if (/^(COLLSCAN|Seq Scan)$/.test(name)) return [{ name, bounded: false }, ...below];
  if (/^(IDHACK|EXPRESS_IXSCAN|COUNT_SCAN|DISTINCT_SCAN|EOF)$/.test(name)) return [{ name, bounded: true }, ...below];
  if (name === 'IXSCAN') {
    const bounds = Object.values(node.indexBounds as Record<string, string[]>).flat();
    return [
      { name, bounded: within || bounds.some((each) => each !== '[MinKey, MaxKey]' && each !== '[MaxKey, MinKey]') },
    ];
  }
  if (/^(Bitmap )?Index (Only )?Scan$/.test(name)) {
    // Each collection is a part of one table: this condition alone reads all of it.
    const beyond = String(node['Index Cond'] ?? '').replace(/\(?shard_key_value = '\d+'::bigint\)?/, '');
    return [{ name, bounded: within || beyond.includes('OPERATOR') }, ...below];
  }
  return below;
}

async function accessesTo(db: Db, query: Query): Promise<Access[]> {
  const { queryPlanner } = await db.command({ explain: query, verbosity: 'queryPlanner' });
  return accessesOf(queryPlanner.winningPlan ?? queryPlanner);
}

if (isMongoAsked) {
  describe('queries on MongoDB', () => {
    let database: Awaited<ReturnType<typeof openScratchDatabase>>;
    let ports: Awaited<ReturnType<typeof openMongoPorts>>;
    const sent: Query[] = [];
    before(async () => {
      database = await openScratchDatabase(`${uriOfDatabase(newDatabaseName())}&monitorCommands=true`);
      ports = await openMongoPorts(database, { clock: Date.now });
      const many = Array.from({ length: MANY }, (_, at) => at);
      const roles = ['handset', 'provider'] as const;
      for (const start of [0, 1_000, 2_000]) {
        const some = many.slice(start, start + 1_000);
        await ports.accounts.put(
          some.map((at) => ({
            user: `u${at}`,
            role: at % 100 === 0 ? roles[1] : roles[0],
            name: '',
            viewer: at,
            enabled: at % 7 !== 0,
            createdAt: 0,
          })),
        );
        await ports.origins.put(some.map((at) => ({ no: at, device: at, viewer: at % 999, sealedIdentity: 'x' })));
      }
      for (const at of many.slice(0, 300)) {
        await ports.tokens.put({ user: `u${at % 50}`, id: `${at}`, hash: `h${at}`, createdAt: at });
        await ports.audit.append({
          id: `${at}`,
          at,
          by: `u${at % 99}`,
          action: 'x',
          subject: `u${at % 98}`,
          detail: {},
        });
        await ports.jobs.begin({ name: `j${at % 9}`, dueAt: at, startedAt: at, by: 'x', holder: 'h', fence: 1 }, 1);
        await ports.jobs.acquire(`j${at}`, 'h', 0, 1);
      }
      await ports.guide.takeTurn('h', 0, 10);
      const services = many.slice(0, 300).map((at) => `s${at}`);
      const service = (id: string, order: number) => ({ id, names: {}, provider: 'p', order, measured: [] });
      const page = (service: string, day: number) => ({ service, day, programmes: [] });
      await ports.guide.put(1, {
        services: services.map(service),
        items: services.map((id) => ({
          id,
          names: {},
          provider: 'p',
          services: [id],
          parts: [],
          price: { amount: '1', currency: 'EUR' },
        })),
        pages: services.flatMap((id) => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((day) => page(id, day))),
      });
      await ports.guide.endTurn('h', 1, 0);
      await ports.guide.takeTurn('h', 0, 10);
      await ports.guide.stage(
        many.map((at) => ({
          line: at,
          sequence: at,
          programme: { id: '', service: `s${at % 300}`, startAt: at, titles: {} },
        })),
      );
      database.db.client.on('commandStarted', (event) => sent.push(...queriesOf(event)));
    });
    after(() => database.close());

    it('shows a scan to be one', async () => {
      for (const query of [
        { find: 'accounts', filter: { name: 'x' } },
        { find: 'accounts', filter: { role: 'x' }, sort: { name: 1 } },
      ])
        expect(
          (await accessesTo(database.db, query)).some(({ bounded }) => !bounded),
          JSON.stringify(query),
        ).to.equal('name' in query.filter);
    });

    const HOT: Record<string, () => Promise<unknown>[]> = {
      accounts: () => [
        ports.accounts.find('u7'),
        ports.accounts.findByViewer(7),
        ports.accounts.change('u7', { enabled: false }),
        ports.accounts.put([{ user: 'u7', role: 'handset', name: '', viewer: 7, enabled: true, createdAt: 0 }]),
        ports.accounts.list({ limit: 10 }),
        ports.accounts.list({ limit: 10, after: 'u7' }),
        ports.accounts.list({ limit: 10, after: 'u7', role: 'provider' }),
        ports.accounts.count({ role: 'handset', enabled: true, notWithdrawn: true }),
        ports.accounts.count({ role: 'handset', enabled: true, notWithdrawn: true, consentVersion: '2' }),
        ports.accounts.remove('u8'),
      ],
      tokens: () => [
        ports.tokens.findByHash('h7'),
        ports.tokens.list('u7'),
        ports.tokens.remove('u7', '7'),
        ports.tokens.removeOfUser('u8'),
      ],
      origins: () => [ports.origins.list(7), ports.origins.removeOfViewer(8)],
      audit: () => [
        ports.audit.list({ limit: 10 }),
        ports.audit.list({ limit: 10, before: '2' }),
        ports.audit.replaceName('u7', 'x'),
      ],
      jobs: () => [
        ports.jobs.acquire('j1', 'i', 2, 3),
        ports.jobs.renew('j1', 1, 3),
        ports.jobs.begin({ name: 'j1', dueAt: 1, startedAt: 1, by: 'x', holder: 'h', fence: 2 }, 9),
        ports.jobs.finish({
          name: 'j1',
          dueAt: 1,
          startedAt: 1,
          by: 'x',
          holder: 'h',
          fence: 2,
          attempts: 2,
          endedAt: 3,
        }),
        ports.jobs.listRuns('j1', 1),
        ports.jobs.listRuns('j1', 3, 200),
        ports.jobs.removeRunsBefore(7),
      ],
      guide: () => [
        ports.guide.revision(),
        ports.guide.listStaged('s7', undefined, 10),
        ports.guide.listPages(['s7'], 3, 5, 1),
        ports.guide.listPages(['s7', 's8', 's9'], 3, 5, 1),
        ports.guide.listServices(1),
        ports.guide.listItems(1),
        ports.guide.listChanges(1, 2),
        ports.guide.oldestRevision(),
      ],
      'guide after a crash': () => [ports.guide.takeTurn('i', 10, 20)],
    };
    for (const [port, calls] of Object.entries(HOT)) {
      it(`O3: ${port} reads by an index`, async () => {
        sent.length = 0;
        await Promise.all(calls());
        const queries = [...sent];
        expect(queries.length).to.be.at.least(calls.length);
        for (const query of queries) {
          const accesses = await accessesTo(database.db, query);
          const told = `${JSON.stringify(query)} ${JSON.stringify(accesses)}`;
          expect(accesses.length, told).to.be.greaterThan(0);
          expect(
            accesses.every(({ bounded }) => bounded),
            told,
          ).to.equal(true);
        }
      });
    }
  });
}
