// The embedded store's file: node:sqlite in WAL mode, every commit durable (O3, V17).

import { closeSync, fdatasync, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { promisify } from 'node:util';

export type Row = Record<string, SQLOutputValue>;

/** One connection. All calls but `flush` are synchronous; a transaction never spans an await. */
export interface Database {
  exec(sql: string): void;
  /** A prepared statement, kept by its text. */
  prepare(sql: string): StatementSync;
  all(sql: string, ...values: SQLInputValue[]): Row[];
  get(sql: string, ...values: SQLInputValue[]): Row | undefined;
  /** Rows one by one from a statement of its own, which may stay open across awaits: give it an ORDER BY that sorts first. */
  iterate(sql: string, ...values: SQLInputValue[]): Iterable<Row>;
  run(sql: string, ...values: SQLInputValue[]): { changes: number };
  /** All or nothing; durable on return when it wrote. */
  transaction<T>(work: () => T): T;
  /** All or nothing; after a power cut it may be gone, with all that was committed after it, unless `flush` had resolved. */
  transactionUnflushed<T>(work: () => T): T;
  /** Resolves when all that was committed before the call is on the disk; other work goes on meanwhile. */
  flush(): Promise<void>;
  /** Moves the write-ahead log into the database and cuts it to nothing, unless somebody else is reading. */
  emptyLog(): void;
  /** Throws when a durable write fails, as on a full disk. It writes what is there, once a second at most. */
  proveWritable(): void;
  close(): void;
}

const BUSY_TIMEOUT_MS = 5_000; // the command line writes to the same file in short transactions
const flushFile = promisify(fdatasync);

const PROVEN_MS = 1_000; // whoever asks more often must not wear the disk

export function openDatabase(path: string): Database {
  const connection = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
  connection.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON');
  connection.exec('PRAGMA secure_delete = ON'); // what was erased is overwritten, not left in a free page (O2)
  connection.exec('PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4000');
  const statements = new Map<string, StatementSync>();
  let provenAt = Number.NEGATIVE_INFINITY;
  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = connection.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  const transaction = <T>(work: () => T): T => {
    connection.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      connection.exec('COMMIT');
      return result;
    } catch (error) {
      if (connection.isTransaction) connection.exec('ROLLBACK');
      throw error;
    }
  };
  // With synchronous NORMAL a commit is in the log file when it returns; flushing that file is what FULL would have done
  // before returning. A checkpoint flushes the log first and the database after, in both [sqlite.org/wal.html, 'Performance'].
  let log: number | undefined;
  const logFile = (): number => {
    log ??= openSync(`${path}-wal`, 'r+');
    return log;
  };
  return {
    exec: (sql) => connection.exec(sql),
    prepare,
    all: (sql, ...values) => prepare(sql).all(...values) as Row[],
    get: (sql, ...values) => prepare(sql).get(...values) as Row | undefined,
    iterate: (sql, ...values) => connection.prepare(sql).iterate(...values) as Iterable<Row>,
    run: (sql, ...values) => ({ changes: Number(prepare(sql).run(...values).changes) }),
    transaction,
    transactionUnflushed(work) {
      connection.exec('PRAGMA synchronous = NORMAL');
      try {
        return transaction(work);
      } finally {
        connection.exec('PRAGMA synchronous = FULL');
      }
    },
    flush: async () => {
      if (path !== ':memory:') await flushFile(logFile());
    },
    proveWritable() {
      if (performance.now() - provenAt < PROVEN_MS) return;
      const version = connection.prepare('PRAGMA user_version').get()?.user_version;
      connection.exec(`PRAGMA user_version = ${Number(version)}`);
      provenAt = performance.now();
    },
    close() {
      connection.close();
      if (log !== undefined) closeSync(log);
    },
    emptyLog() {
      connection.exec('PRAGMA busy_timeout = 0'); // a long reader elsewhere must not hold up this process
      connection.exec(`PRAGMA wal_checkpoint(TRUNCATE); PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    },
  };
}
