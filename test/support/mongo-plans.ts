// What a command to MongoDB looks for, and how the server says that it will get there (O3).

import type { CommandStartedEvent, Db, Document } from 'mongodb';

export type Query = { find: string; filter: Document } & Partial<Record<'sort' | 'limit' | 'projection', unknown>>;

/** The finding parts of any command that has some. */
export function queriesOf({ command }: Pick<CommandStartedEvent, 'command'>): Query[] {
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
  if (updates !== undefined) return updates.map(({ q }: Document) => ({ find: update, filter: q }));
  if (command.deletes !== undefined)
    return command.deletes.map(({ q }: Document) => ({ find: command.delete, filter: q }));
  if (aggregate !== undefined) return [{ find: aggregate, filter: pipeline[0].$match }];
  return [];
}

export interface Access {
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

export async function accessesTo(db: Db, query: Query): Promise<Access[]> {
  const { queryPlanner } = await db.command({ explain: query, verbosity: 'queryPlanner' });
  return accessesOf(queryPlanner.winningPlan ?? queryPlanner);
}
