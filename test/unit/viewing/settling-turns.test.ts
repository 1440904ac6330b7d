// Who settles, and who waits for it (V11, O3).

import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { readConfig } from '../../../server/config.ts';
import { createLog } from '../../../server/log.ts';
import { Problem } from '../../../server/problem.ts';
import { openDatabase } from '../../../server/store/sqlite/database.ts';
import { createSqliteJobStore } from '../../../server/store/sqlite/job-store.ts';
import { createSqliteReportLog } from '../../../server/store/sqlite/report-log.ts';
import { createSqliteSessionStore } from '../../../server/store/sqlite/session-store.ts';
import { createSettling } from '../../../server/viewing/settling.ts';
import { createLeasedTurn } from '../../../server/viewing/settling-turn.ts';
import { EVENING, report } from '../../support/reports.ts';

describe('settling in turns', () => {
  const openTwo = () => {
    const database = openDatabase(':memory:');
    const reports = createSqliteReportLog(database);
    const sessions = createSqliteSessionStore(database);
    const config = readConfig({});
    const rules = { ...config, timeoutMs: config.onlineTimeoutMs, capMs: config.sessionCapMs };
    const log = createLog({ level: 'silent' });
    const turn = { of: 'first' };
    const settlingOf = (name: string) =>
      createSettling({
        reports,
        sessions,
        rules,
        clock: () => EVENING,
        log,
        turn: {
          isShared: false,
          claim: async () => (turn.of === name ? 1 : undefined),
          release: async () => undefined,
        },
      });
    const [first, second] = [settlingOf('first'), settlingOf('second')];
    const close = async (): Promise<void> => {
      await first.stop();
      await second.stop();
      database.close();
    };
    const listSessions = () => sessions.list({ from: 0, to: EVENING * 2, limit: 10 });
    return { close, reports, turn, first, second, listSessions };
  };

  it('V11: a process whose turn it is not derives nothing, and waits until it is done', async () => {
    const { close, reports, first, second, listSessions } = openTwo();
    await reports.append([report('in', -1, '01')]);
    let waited = false;
    const waiting = second.settled().then(() => {
      waited = true;
    });
    await sleep(120);
    expect([waited, await listSessions()]).to.deep.equal([false, []]);
    await first.settled();
    await waiting;
    expect(await listSessions()).to.have.length(1);
    await close();
  });

  it('V11: it does not wait for what comes after it asked', async () => {
    const { close, reports, second, listSessions } = openTwo();
    await reports.append([report('in', 5, '01')]);
    await second.settled();
    expect(await listSessions()).to.deep.equal([]);
    await close();
  });

  it('V11: it takes over when the other is gone', async () => {
    const { close, reports, turn, second, listSessions } = openTwo();
    await reports.append([report('in', -1, '01')]);
    const waiting = second.settled();
    turn.of = 'second';
    await waiting;
    expect(await listSessions()).to.have.length(1);
    await close();
  });

  it('O5, V11: after a write that failed it goes on under a new number, by which the write is refused if it is made after all', async () => {
    const database = openDatabase(':memory:');
    const reports = createSqliteReportLog(database);
    const sessions = createSqliteSessionStore(database);
    const config = readConfig({});
    const clock = (): number => EVENING;
    const turns: number[] = [];
    const settling = createSettling({
      reports,
      sessions: {
        ...sessions,
        async put(changes, turn) {
          if (turns.push(turn) === 1) throw new Problem('unavailable', 'the store did not answer in time');
          await sessions.put(changes, turn);
        },
      },
      rules: { ...config, timeoutMs: config.onlineTimeoutMs, capMs: config.sessionCapMs },
      clock,
      log: createLog({ level: 'silent' }),
      turn: createLeasedTurn({ leases: createSqliteJobStore(database), clock, holder: 'this' }),
    });
    await reports.append([report('in', -1, '01')]);
    expect(await settling.settled().catch(({ code }: Problem) => code)).to.equal('unavailable');
    await settling.settled();
    expect(turns).to.deep.equal([1, 2]);
    expect(await sessions.list({ from: 0, to: EVENING * 2, limit: 10 })).to.have.length(1);
    await settling.stop();
    database.close();
  });
});
