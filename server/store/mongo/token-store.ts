// Bearer tokens in MongoDB, one document each, named by hash (O1).

import type { Token, TokenStore } from '../../accounts/account-store.ts';
import type { MongoDatabase } from './database.ts';
import { insertIfAbsent, tellProblems } from './driver-problems.ts';

export interface TokenDocument extends Omit<Token, 'hash'> {
  _id: string;
}

const INDEXES = [
  { key: { user: 1, id: 1 }, name: 'user' }, // list, remove and removeOfUser
];

export async function createMongoTokenStore(database: MongoDatabase): Promise<TokenStore> {
  const tokens = await database.collection<TokenDocument>('tokens', INDEXES);
  return tellProblems<TokenStore>([], {
    async put({ hash, ...rest }) {
      await insertIfAbsent(tokens, { _id: hash, ...rest });
    },
    async findByHash(hash) {
      const found = await tokens.findOne({ _id: hash });
      return found === null ? undefined : tokenOf(found);
    },
    async list(user) {
      return (await tokens.find({ user }).sort({ createdAt: 1, id: 1 }).toArray()).map(tokenOf);
    },
    async remove(user, id) {
      return (await tokens.deleteOne({ user, id })).deletedCount === 1;
    },
    async removeOfUser(user) {
      await tokens.deleteMany({ user });
    },
  });
}

export const tokenOf = ({ _id, ...rest }: TokenDocument): Token => ({ hash: _id, ...rest });
