// Bearer tokens in SQLite, by user and by hash (O1).

import type { Token, TokenStore } from '../../accounts/account-store.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS account_token (
  user TEXT, id TEXT, hash TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL, expires_at INTEGER, PRIMARY KEY (user, id)
) WITHOUT ROWID;
`;

export function createSqliteTokenStore(database: Database): TokenStore {
  database.exec(TABLES);
  return {
    async put({ user, id, hash, createdAt, expiresAt }) {
      database.run(
        'INSERT OR IGNORE INTO account_token VALUES (?, ?, ?, ?, ?)',
        user,
        id,
        hash,
        createdAt,
        expiresAt ?? null,
      );
    },
    async findByHash(hash) {
      const row = database.get('SELECT * FROM account_token WHERE hash = ?', hash);
      return row === undefined ? undefined : tokenOf(row);
    },
    async list(user) {
      return database.all('SELECT * FROM account_token WHERE user = ? ORDER BY created_at, id', user).map(tokenOf);
    },
    async remove(user, id) {
      return database.run('DELETE FROM account_token WHERE user = ? AND id = ?', user, id).changes === 1;
    },
    async removeOfUser(user) {
      database.run('DELETE FROM account_token WHERE user = ?', user);
    },
  };
}

export function tokenOf(row: Row): Token {
  const token: Token = {
    user: String(row.user),
    id: String(row.id),
    hash: String(row.hash),
    createdAt: Number(row.created_at),
  };
  if (row.expires_at !== null) token.expiresAt = Number(row.expires_at);
  return token;
}
