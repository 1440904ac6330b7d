// Derives devices' sessions anew, from where nothing was open (V11): late reports, new devices, and those of which nothing is kept.

import { type Derived, deriveSessions, type SessionRules } from './derive-sessions.ts';
import { findFreshStart } from './fresh-start.ts';
import type { ReportLog } from './report-log.ts';

/** A device that is to be derived from the latest fresh start at or before `at`, epoch ms. */
interface Touched {
  viewer: number;
  device: number;
  at: number;
}

/** What was derived, and the fresh start from which on. */
interface DerivedAnew {
  from: number;
  derived: Derived;
}

const HOUR_MS = 3_600_000;
/** How far back fresh starts are looked for, and of how many devices at once: most rest each night; the last is all there is. */
const LOOK_BACK = [
  { backMs: 6 * HOUR_MS, devices: 500 },
  { backMs: 48 * HOUR_MS, devices: 500 },
  { backMs: 14 * 24 * HOUR_MS, devices: 100 },
  { backMs: Number.POSITIVE_INFINITY, devices: 50 },
];
const NEAR_MS = 6 * HOUR_MS; // devices touched at about one time are read together: one late by days must not widen what is read of all

/** Answers by device; each device is asked for once. */
export function createDeriveAnew(reports: Pick<ReportLog, 'listOfDevices'>, rules: SessionRules) {
  async function tryOne(touched: readonly Touched[], backMs: number, found: Map<number, DerivedAnew>): Promise<void> {
    const since = Math.max(0, Math.min(...touched.map(({ at }) => at)) - backMs);
    const kept = await reports.listOfDevices(touched, since);
    const byDevice = Map.groupBy(kept, ({ device }) => device);
    for (const { device, at } of touched) {
      // A quarantined report takes no part (V4).
      const all = (byDevice.get(device) ?? []).filter(({ quarantine }) => quarantine === undefined);
      const from = findFreshStart(all, at, rules) ?? (since === 0 ? 0 : undefined);
      if (from === undefined) continue;
      const rest = all.filter(({ sentAt }) => sentAt >= from);
      found.set(device, { from, derived: deriveSessions(rest, rules) });
    }
  }

  return async (touched: readonly Touched[]): Promise<Map<number, DerivedAnew>> => {
    const found = new Map<number, DerivedAnew>();
    for (const { backMs, devices } of LOOK_BACK) {
      const left = touched.filter(({ device }) => !found.has(device));
      for (const near of Map.groupBy(left, ({ at }) => Math.floor(at / NEAR_MS)).values()) {
        for (let first = 0; first < near.length; first += devices)
          await tryOne(near.slice(first, first + devices), backMs, found);
      }
    }
    return found;
  };
}
