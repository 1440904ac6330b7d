// Handsets that report one after the other and count what was acknowledged, to be held against the store (V11, V17).

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act, Handset } from '../../server/simulator/plan.ts';
import { writeReport } from '../../server/simulator/report-xml.ts';
import type { StoredReport } from '../../server/viewing/report.ts';
import { type Answer, createKeepAliveHandset } from './keep-alive-handset.ts';
import { type Environment, onData } from './server-process.ts';

/** A handset's reports are numbered from 0; it sends the next when the last was answered 200. */
export interface ReportingHandset {
  user: string;
  /** So many reports were answered 200. */
  acknowledged: number;
  /** So often it was told to come again later (O5). */
  putOff: number;
}

export interface Reporting {
  handsets: readonly ReportingHandset[];
  /** How many answers had which status, 0 for none, and one of each. */
  statuses: Map<number, { count: number; last: Answer }>;
  /** What came of answers that broke off. */
  broken: string[];
  acknowledged(): number;
  /** Resolves when no handset waits for an answer any more. The last report of each may be stored or not. */
  stop(): Promise<void>;
}

interface Message {
  body: string;
  date: Date;
}

const RETRY_MS = 25;
const SERVICES = 9;
/** What a viewer does, over and over. A simple handset sends no heartbeats: two within a second would be one (V11). */
const SIMPLE_ROUND = ['in', 'switch', 'out'] as const;
const MODERN_ROUND = ['in', 'beat', 'beat', 'switch', 'beat', 'out'] as const;

export const userNames = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `handset-${String(index).padStart(4, '0')}`);
export const passwordOf = (user: string): string => `secret of ${user}`;

/** Data in which these handsets have accounts; in a new temporary folder unless the variables name another. */
export async function makeData(users: readonly string[], variables: Record<string, string> = {}): Promise<Environment> {
  const environment = { DATA_DIR: variables.DATA_DIR ?? (await mkdtemp(join(tmpdir(), 'pocketmeter-'))), ...variables };
  async function* rows() {
    for (const user of users) yield { line: 1, entry: { user, password: passwordOf(user), role: 'handset' as const } };
  }
  const { added } = await onData(environment, ({ accounts }) => accounts.import(rows(), { by: 'test' }));
  if (added !== users.length) throw new Error(`only ${added} of ${users.length} accounts were added`);
  return environment;
}

/**
 * Every second handset sends the extension. One that got no answer repeats the report before, too, when it gets through
 * again. `port` gets a handset's place and is undefined while there is no server for it; `pauseMs` says how long a handset waits
 * before its next report, given what the last took; `onAnswered` gets the time of each 200. All in ms.
 */
export function startReporting(deps: {
  users: readonly string[];
  port: (index: number) => number | undefined;
  pauseMs?: (latencyMs: number) => number;
  onAnswered?: (latencyMs: number) => void;
}): Reporting {
  const statuses: Reporting['statuses'] = new Map();
  const broken: string[] = [];
  let stopped = false;

  const handsets = deps.users.map((user, index) => {
    const client = createKeepAliveHandset({ user, password: passwordOf(user), port: () => deps.port(index) ?? 0 });
    const handset = { user, acknowledged: 0, putOff: 0 };

    const send = async (message: Message): Promise<number> => {
      const startedAt = performance.now();
      const answer = await client.post(message);
      if (answer.status === 200) deps.onAnswered?.(performance.now() - startedAt);
      if (answer.status === 503 && Number(answer.retryAfter) >= 1) handset.putOff += 1;
      if (answer.broken !== undefined) broken.push(answer.broken);
      statuses.set(answer.status, { count: (statuses.get(answer.status)?.count ?? 0) + 1, last: answer });
      return answer.status;
    };

    /** True once it was answered 200; false when the handset was stopped before. */
    const sendUntilTaken = async (message: Message, before: Message | undefined): Promise<boolean> => {
      let repeat = false;
      for (;;) {
        if (deps.port(index) !== undefined) {
          if (repeat && before !== undefined && (await send(before)) === 200) repeat = false;
          const status = await send(message);
          if (status === 200) return true;
          repeat ||= status === 0;
        }
        if (stopped) return false;
        await sleep(RETRY_MS);
      }
    };

    const run = async (): Promise<void> => {
      let before: Message | undefined;
      await sleep(Math.random() * (deps.pauseMs?.(0) ?? 0)); // they do not all begin at once
      while (!stopped) {
        const at = Date.now();
        const message = { body: writeNth(user, index, handset.acknowledged, at), date: new Date(at) };
        if (!(await sendUntilTaken(message, before))) break;
        handset.acknowledged += 1;
        before = message;
        const pauseMs = deps.pauseMs?.(Date.now() - at) ?? 0;
        if (pauseMs > 0) await sleep(pauseMs);
      }
      client.close();
    };
    return { handset, running: run() };
  });

  return {
    handsets: handsets.map(({ handset }) => handset),
    statuses,
    broken,
    acknowledged: () => handsets.reduce((sum, { handset }) => sum + handset.acknowledged, 0),
    async stop() {
      stopped = true;
      await Promise.all(handsets.map(({ running }) => running));
    },
  };
}

/** The number of a stored report among those of its handset. */
export function numberOf({ reportId, programme }: Pick<StoredReport, 'reportId' | 'programme'>): number {
  return Number(reportId?.split('/')[1] ?? programme);
}

function writeNth(user: string, index: number, number: number, at: number): string {
  const modern = index % 2 === 1;
  const round = modern ? MODERN_ROUND : SIMPLE_ROUND;
  const done = round[number % round.length];
  const viewing = Math.floor((2 * number) / round.length); // two services in each round
  const act: Act = {
    at,
    type: done === 'out' ? 'LogOutInfo' : 'LogInInfo',
    service: `service ${(index + viewing) % SERVICES}`,
    programme: modern ? `viewing ${viewing}` : String(number),
    ...(modern ? { reportId: `${user}/${number}`, sequence: number + 1 } : {}),
  };
  const handset: Handset = {
    number: index + 1,
    user,
    modern,
    clockErrorMs: 0,
    knowsGuide: false,
    logsOutOnZap: false,
    ...(modern ? { deviceId: `${user} tv`, imsi: String(460_001_000_000_000 + index) } : {}),
  };
  return writeReport(act, handset);
}
