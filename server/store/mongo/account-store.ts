// Accounts in MongoDB, one document each, named by user; the universe is counted from an index (O2).

import { type AnyBulkWriteOperation, type Collection, type Filter, MongoBulkWriteError } from 'mongodb';
import type { Person } from '../../accounts/account.ts';
import type { AccountChanges, AccountFilter, AccountRecord, AccountStore } from '../../accounts/account-store.ts';
import { Problem } from '../../problem.ts';
import type { MongoDatabase } from './database.ts';
import { insertIfAbsent, isOnlyDuplicates, tellPagedProblems, tellProblems } from './driver-problems.ts';
import { gatherFinds } from './gathered-find.ts';

/** `withdrawn` repeats what the consent says: an index tells false from true, but not absent from null. */
export interface AccountDocument extends Omit<AccountRecord, 'user'> {
  _id: string;
  withdrawn: boolean;
}

const INDEXES = [
  { key: { viewer: 1 }, name: 'viewer', unique: true }, // findByViewer; no two users share a pseudonym
  { key: { role: 1, _id: 1 }, name: 'role' }, // list by role: staff among millions of handsets
  { key: { role: 1, enabled: 1, withdrawn: 1, 'consent.version': 1 }, name: 'universe' }, // count, without reading documents; listPeople
];
const PAGE = 1_000;

export async function createMongoAccountStore(database: MongoDatabase): Promise<AccountStore> {
  const accounts = await database.collection<AccountDocument>('accounts', INDEXES);
  const findOne = gatherFinds(accounts); // each handset's report asks for its account, and is believed for seconds only
  const listPeople = tellPagedProblems(async function* (filter: AccountFilter) {
    const projection = { viewer: 1, demographics: 1 } as const;
    let page: Person[] = [];
    for await (const { _id, ...rest } of accounts.find(filterOf(filter), { projection }).batchSize(PAGE)) {
      page.push({ user: _id, ...rest });
      if (page.length < PAGE) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  });
  const port = tellProblems<Omit<AccountStore, 'listPeople'>>(['put', 'count'], {
    async add(account) {
      if (await insertIfAbsent(accounts, documentOf(account))) return true;
      if ((await accounts.findOne({ _id: account.user }, { projection: { _id: 1 } })) !== null) return false;
      throw takenViewer();
    },

    async put(records) {
      const outcomes: Awaited<ReturnType<AccountStore['put']>> = [];
      // In one unordered write a user may occur once only: what comes again waits for the next round.
      let waiting = [...records.entries()];
      while (waiting.length > 0) {
        const round = new Map<string, [number, AccountRecord]>();
        for (const entry of waiting) if (!round.has(entry[1].user)) round.set(entry[1].user, entry);
        const chosen = [...round.values()];
        const told = await putEach(
          accounts,
          chosen.map(([, record]) => record),
        );
        chosen.forEach(([at], index) => {
          const outcome = told[index];
          if (outcome !== undefined) outcomes[at] = outcome;
        });
        waiting = waiting.filter(([at]) => outcomes[at] === undefined);
      }
      return outcomes;
    },

    async change(user, changes) {
      const update = updateOf(changes);
      if (Object.keys(update).length === 0) return (await accounts.countDocuments({ _id: user })) === 1;
      return (await accounts.updateOne({ _id: user }, update)).matchedCount === 1;
    },

    async remove(user) {
      return (await accounts.deleteOne({ _id: user })).deletedCount === 1;
    },

    async find(user) {
      const found = await findOne(user);
      return found === undefined ? undefined : recordOf(found);
    },

    async findByViewer(viewer) {
      const found = await accounts.findOne({ viewer });
      return found === null ? undefined : recordOf(found);
    },

    async list({ after, role, limit }) {
      // A bound in any case: DocumentDB sorts by an index only within bounds.
      const filter = { _id: { $gt: after ?? '' }, ...(role === undefined ? {} : { role }) };
      return (await accounts.find(filter).sort({ _id: 1 }).limit(limit).toArray()).map(recordOf);
    },

    count: (filter) => accounts.countDocuments(filterOf(filter)),
  });
  return { ...port, listPeople };
}

const takenViewer = (): Problem => new Problem('conflict', 'a viewer is already that of another user');

/** One write for different users; undefined where another process added the user meanwhile: to be put again. */
async function putEach(
  accounts: Collection<AccountDocument>,
  records: readonly AccountRecord[],
): Promise<('added' | 'updated' | 'conflict' | undefined)[]> {
  const writes = records.map(putOf);
  try {
    const { upsertedIds } = await accounts.bulkWrite(writes, { ordered: false });
    return records.map((_, index) => (index in upsertedIds ? 'added' : 'updated'));
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError && isOnlyDuplicates(error))) throw error;
    const refused = new Set([error.writeErrors].flat().map(({ index }) => index));
    const users = records.filter((_, index) => refused.has(index)).map(({ user }) => user);
    const present = await accounts.find({ _id: { $in: users } }, { projection: { role: 1 } }).toArray();
    const roles = new Map(present.map(({ _id, role }) => [_id, role]));
    return records.map(({ user, role }, index) => {
      if (!refused.has(index)) return index in error.upsertedIds ? 'added' : 'updated';
      if (!roles.has(user)) throw takenViewer();
      return roles.get(user) === role ? undefined : 'conflict';
    });
  }
}

/** Where the user exists with another role the filter misses it, and adding it is refused as a double of its _id. */
function putOf(account: AccountRecord): AnyBulkWriteOperation<AccountDocument> {
  const { _id, role, name, provider, sealedHa1, passwordHash, demographics, ...first } = documentOf(account);
  const replaced = { name, provider, sealedHa1, passwordHash };
  const absent = Object.entries(replaced).filter(([, value]) => value === undefined);
  const update = {
    $set: { ...replaced, demographics }, // absent ones are ignored here
    $setOnInsert: first,
    ...(absent.length === 0 ? {} : { $unset: Object.fromEntries(absent.map(([field]) => [field, true])) }),
  };
  return { updateOne: { filter: { _id, role }, update, upsert: true } } as AnyBulkWriteOperation<AccountDocument>;
}

function updateOf({ unset = [], ...changes }: AccountChanges): object {
  const set = Object.entries(changes).filter(([, value]) => value !== undefined);
  if (changes.consent !== undefined) set.push(['withdrawn', changes.consent.withdrawnAt !== undefined]);
  return {
    ...(set.length === 0 ? {} : { $set: Object.fromEntries(set) }),
    ...(unset.length === 0 ? {} : { $unset: Object.fromEntries(unset.map((field) => [field, true])) }),
  };
}

function filterOf({ role, enabled, notWithdrawn, consentVersion }: AccountFilter): Filter<AccountDocument> {
  return {
    ...(role === undefined ? {} : { role }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(notWithdrawn === undefined ? {} : { withdrawn: false }),
    ...(consentVersion === undefined ? {} : { 'consent.version': consentVersion }),
  };
}

export function documentOf({ user, ...rest }: AccountRecord): AccountDocument {
  return { _id: user, ...rest, withdrawn: rest.consent?.withdrawnAt !== undefined };
}

export const recordOf = ({ _id, withdrawn, ...rest }: AccountDocument): AccountRecord => ({ user: _id, ...rest });
