// When a job is due: node-cron's schedules, and the last due time before now, which node-cron does not tell (R15).

import { setImmediate } from 'node:timers/promises';
import { createTask, type ScheduledTask, validateDetailed } from 'node-cron';
import type { Log } from './log.ts';
import { Problem } from './problem.ts';

export interface Schedule {
  start(): void;
  stop(): Promise<void>;
  /** Epoch ms of the next due time by the machine's clock; absent while stopped. */
  nextDueAt(): number | undefined;
  /** Epoch ms of the last due time at or before `now`, within 32 days or `lookBackMs`; absent without one. */
  findLastDueAt(now: number): Promise<number | undefined>;
}

const LOOK_BACK_MS = 32 * 86_400_000; // a monthly job's last due time
const LOOK_BACK_STEPS = 50_000; // half a second of work; a schedule in seconds reaches back less far, and fires often
const STEPS_AT_ONCE = 200; // about 2 ms, then requests are answered

/** `fire` gets the due time in epoch ms. Problem `invalid` for a bad expression. A sixth field in front counts seconds. */
export function createSchedule(deps: {
  name: string;
  expression: string;
  zone: string;
  log: Log;
  fire: (dueAt: number) => void;
  /** How far `findLastDueAt` looks back; default 32 days. */
  lookBackMs?: number;
}): Schedule {
  const { name, expression, zone, log, fire, lookBackMs = LOOK_BACK_MS } = deps;
  const { valid, errors } = validateDetailed(expression);
  if (!valid)
    throw new Problem('invalid', `the schedule of ${name} is wrong: ${errors.map((each) => each.message).join('; ')}`);
  const stepMs = expression.trim().split(/\s+/).length > 5 ? 1_000 : 60_000;
  const floor = (at: number): number => Math.floor(at / stepMs) * stepMs;
  const say = (message: string | Error): void => log.debug({ job: name, told: message }, 'node-cron says');
  const options = {
    timezone: zone,
    suppressMissedWarning: true,
    logger: { info: say, warn: say, error: say, debug: say },
  };
  const create = (): ScheduledTask => createTask(expression, (context) => fire(floor(context.date.getTime())), options);
  let task = create();
  let looked: { at: number; found: number | undefined } | undefined;

  return {
    start: () => void task.start(),
    async stop() {
      await task.destroy();
      task = create();
    },
    nextDueAt: () => task.getNextRun()?.getTime(),
    async findLastDueAt(now) {
      const last = floor(now);
      if (looked !== undefined && looked.at > last) looked = undefined; // the clock was set back
      const until = looked?.at ?? last - Math.min(lookBackMs, LOOK_BACK_STEPS * stepMs);
      let found = looked?.found;
      for (let at = last, steps = 1; at > until; at -= stepMs, steps += 1) {
        if (steps % STEPS_AT_ONCE === 0) await setImmediate();
        if (!task.match(new Date(at))) continue;
        found = at;
        break;
      }
      looked = { at: last, found };
      return found;
    },
  };
}
