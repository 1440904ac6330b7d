// Accounts in SQLite, by user; the universe is counted from an index (O2).

import { setImmediate } from 'node:timers/promises';
import type { Person } from '../../accounts/account.ts';
import type { AccountChanges, AccountFilter, AccountRecord, AccountStore } from '../../accounts/account-store.ts';
import { Problem } from '../../problem.ts';
import type { Database, Row } from './database.ts';

const TABLES = `
CREATE TABLE IF NOT EXISTS account (
  user TEXT PRIMARY KEY, role TEXT NOT NULL, name TEXT NOT NULL, provider TEXT, viewer INTEGER NOT NULL UNIQUE,
  enabled INTEGER NOT NULL, consent_version TEXT, consent_at INTEGER, withdrawn_at INTEGER, zone TEXT, created_at INTEGER NOT NULL,
  demographics TEXT, sealed_ha1 TEXT, password_hash TEXT
) WITHOUT ROWID;
-- counts the universe without reading accounts
CREATE INDEX IF NOT EXISTS account_universe ON account (role, enabled, withdrawn_at, consent_version);
`;

const INSERT = `INSERT INTO account (user, role, name, provider, viewer, enabled, consent_version, consent_at, withdrawn_at, zone,
  created_at, demographics, sealed_ha1, password_hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (user) DO `;
const UPDATE = `UPDATE SET name = excluded.name, provider = excluded.provider, sealed_ha1 = excluded.sealed_ha1,
  password_hash = excluded.password_hash, demographics = coalesce(excluded.demographics, demographics) WHERE role = excluded.role RETURNING viewer`;

const UNIQUE_VIOLATION = 2067; // SQLITE_CONSTRAINT_UNIQUE; the primary key has a code of its own

const PAGE = 2_000; // some 5 ms of reading, between which requests are answered

type Value = string | number | null;

export function createSqliteAccountStore(database: Database): AccountStore {
  database.exec(TABLES);
  const listWhere = (conditions: string[], values: Value[], tail: string): AccountRecord[] =>
    database.all(`SELECT * FROM account${whereOf(conditions)} ${tail}`, ...values).map(accountOf);

  return {
    async add(account) {
      return refusingTakenViewers(() => database.run(`${INSERT}NOTHING`, ...valuesOf(account)).changes === 1);
    },

    async put(accounts) {
      return refusingTakenViewers(() =>
        database.transaction(() =>
          accounts.map((account) => {
            const row = database.get(INSERT + UPDATE, ...valuesOf(account));
            if (row === undefined) return 'conflict';
            return row.viewer === account.viewer ? 'added' : 'updated';
          }),
        ),
      );
    },

    async change(user, changes) {
      const columns = columnsOf(changes);
      const sets = columns.length === 0 ? ['user = user'] : columns.map(([column]) => `${column} = ?`);
      const values = columns.map(([, value]) => value);
      return database.run(`UPDATE account SET ${sets.join(', ')} WHERE user = ?`, ...values, user).changes === 1;
    },

    async remove(user) {
      return database.run('DELETE FROM account WHERE user = ?', user).changes === 1;
    },

    async find(user) {
      return listWhere(['user = ?'], [user], '')[0];
    },

    async findByViewer(viewer) {
      return listWhere(['viewer = ?'], [viewer], '')[0];
    },

    async list({ after, role, limit }) {
      const conditions = [...(after === undefined ? [] : ['user > ?']), ...(role === undefined ? [] : ['role = ?'])];
      const values = [after, role].filter((value) => value !== undefined);
      return listWhere(conditions, [...values, limit], 'ORDER BY user LIMIT ?');
    },

    async count(filter) {
      const { conditions, values } = conditionsOf(filter);
      return Number(database.get(`SELECT count(*) AS count FROM account${whereOf(conditions)}`, ...values)?.count);
    },

    async *listPeople(filter) {
      const { conditions, values } = conditionsOf(filter);
      // The plus keeps it to the table's own order: what another index finds would be sorted anew for each page.
      const sql = `SELECT user, viewer, demographics FROM account
        ${whereOf(['user > ?', ...conditions.map((condition) => `+${condition}`)])} ORDER BY user LIMIT ${PAGE}`;
      let after = '';
      for (;;) {
        const page = database.all(sql, after, ...values).map(personOf);
        if (page.length > 0) yield page;
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE) return;
        after = last.user;
        await setImmediate();
      }
    },
  };
}

function refusingTakenViewers<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === UNIQUE_VIOLATION) {
      throw new Problem('conflict', 'a viewer is already that of another user', { cause: error });
    }
    throw error;
  }
}

const whereOf = (conditions: string[]): string => (conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`);

function conditionsOf({ role, enabled, notWithdrawn, consentVersion }: AccountFilter): {
  conditions: string[];
  values: Value[];
} {
  const conditions: string[] = [];
  const values: Value[] = [];
  const require = (condition: string, value: Value): void => {
    conditions.push(condition);
    values.push(value);
  };
  if (role !== undefined) require('role = ?', role);
  if (enabled !== undefined) require('enabled = ?', enabled ? 1 : 0);
  if (notWithdrawn === true) conditions.push('withdrawn_at IS NULL');
  if (consentVersion !== undefined) require('consent_version = ?', consentVersion);
  return { conditions, values };
}

/** The columns that changes write; what is not named in them stays. */
function columnsOf(changes: AccountChanges): [string, Value][] {
  const { role, name, provider, enabled, consent, zone, demographics, sealedHa1, passwordHash } = changes;
  const columns: [string, Value | undefined][] = [
    ['role', role],
    ['name', name],
    ['provider', provider],
    ['enabled', enabled === undefined ? undefined : Number(enabled)],
    ['zone', zone],
    ['demographics', demographics === undefined ? undefined : JSON.stringify(demographics)],
    ['sealed_ha1', sealedHa1],
    ['password_hash', passwordHash],
  ];
  if (consent !== undefined) {
    const { version, at, withdrawnAt } = consent;
    columns.push(['consent_version', version], ['consent_at', at], ['withdrawn_at', withdrawnAt ?? null]);
  }
  const names = { sealedHa1: 'sealed_ha1', passwordHash: 'password_hash' } as Record<string, string>;
  for (const field of changes.unset ?? []) columns.push([names[field] ?? field, null]);
  return columns.filter((column): column is [string, Value] => column[1] !== undefined);
}

/** In the order of the table's columns. */
export function valuesOf(account: AccountRecord): Value[] {
  const { consent, demographics } = account;
  return [
    account.user,
    account.role,
    account.name,
    account.provider ?? null,
    account.viewer,
    account.enabled ? 1 : 0,
    consent?.version ?? null,
    consent?.at ?? null,
    consent?.withdrawnAt ?? null,
    account.zone ?? null,
    account.createdAt,
    demographics === undefined ? null : JSON.stringify(demographics),
    account.sealedHa1 ?? null,
    account.passwordHash ?? null,
  ];
}

const personOf = ({ user, viewer, demographics }: Row): Person => ({
  user: String(user),
  viewer: Number(viewer),
  ...(demographics === null ? {} : { demographics: JSON.parse(String(demographics)) }),
});

export function accountOf(row: Row): AccountRecord {
  const text = (column: string): string | undefined => (row[column] === null ? undefined : String(row[column]));
  const account: AccountRecord = {
    user: String(row.user),
    role: String(row.role) as AccountRecord['role'],
    name: String(row.name),
    viewer: Number(row.viewer),
    enabled: row.enabled === 1,
    createdAt: Number(row.created_at),
  };
  const [provider, zone, demographics] = [text('provider'), text('zone'), text('demographics')];
  const [version, withdrawnAt] = [text('consent_version'), text('withdrawn_at')];
  const [sealedHa1, passwordHash] = [text('sealed_ha1'), text('password_hash')];
  if (provider !== undefined) account.provider = provider;
  if (zone !== undefined) account.zone = zone;
  if (demographics !== undefined) account.demographics = JSON.parse(demographics);
  if (sealedHa1 !== undefined) account.sealedHa1 = sealedHa1;
  if (passwordHash !== undefined) account.passwordHash = passwordHash;
  if (version !== undefined) {
    account.consent = { version, at: Number(row.consent_at) };
    if (withdrawnAt !== undefined) account.consent.withdrawnAt = Number(withdrawnAt);
  }
  return account;
}
