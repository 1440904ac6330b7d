// From a device's new reports to the change of its sessions: goes on from where deriving stands, or derives anew (V11, V12).

import { closeSilent, type Derived, type DeviceState, deriveSessions, type SessionRules } from './derive-sessions.ts';
import { findFreshStart } from './fresh-start.ts';
import type { StoredReport } from './report.ts';
import type { ReportLog } from './report-log.ts';
import { isEnded } from './session.ts';
import type { SessionChange, SessionStore } from './session-store.ts';

export interface SessionChanges {
  /** The changes that enrolled reports make, one for each device; none of the reports is quarantined. */
  changesBy(reports: readonly StoredReport[]): Promise<SessionChange[]>;
  /** The changes that silence until `now` makes (V12 "never closed"). */
  changesBySilence(devices: readonly number[], now: number): Promise<SessionChange[]>;
  /** To be called when changes could not be stored: these devices are read from the store again. All, when none are named. */
  forget(devices?: Iterable<number>): void;
}

const KEPT_STATES = 200_000; // some 100 MB; one that is not kept is read or derived again
/** Devices whose reports are read at the same time: one after the other a store that is far away would hold up all. */
const AT_ONCE = 32;
const HOUR_MS = 3_600_000;
/** How far back a fresh start is looked for: most devices rest each night; the last is all there is. */
const LOOK_BACK_MS = [6 * HOUR_MS, 48 * HOUR_MS, 14 * 24 * HOUR_MS, Number.POSITIVE_INFINITY];

export function createSessionChanges(deps: {
  reports: Pick<ReportLog, 'listOfDevice'>;
  sessions: Pick<SessionStore, 'findStates'>;
  rules: SessionRules;
}): SessionChanges {
  const { reports, sessions, rules } = deps;
  const states = new Map<number, DeviceState>();

  const remember = (device: number, state: DeviceState): void => {
    states.delete(device); // and to the end: a Map keeps the order of insertion
    states.set(device, state);
    if (states.size <= KEPT_STATES) return;
    const [oldest] = states.keys();
    if (oldest !== undefined) states.delete(oldest);
  };

  async function recall(devices: Iterable<number>): Promise<void> {
    const unknown = [...devices].filter((device) => !states.has(device));
    if (unknown.length === 0) return;
    for (const [device, state] of await sessions.findStates(unknown)) remember(device, state);
  }

  /** Derives anew from where nothing was open; the reports of a device are read as far back as that needs. */
  async function deriveAnew(
    owner: { viewer: number; device: number },
    at: number,
  ): Promise<{ from: number; derived: Derived }> {
    for (const backMs of LOOK_BACK_MS) {
      const since = Math.max(0, at - backMs);
      const kept = await reports.listOfDevice(owner, since);
      const all = kept.filter(({ quarantine }) => quarantine === undefined); // such a report takes no part (V4)
      const from = findFreshStart(all, at, rules) ?? (since === 0 ? 0 : undefined);
      if (from === undefined) continue;
      return {
        from,
        derived: deriveSessions(
          all.filter(({ sentAt }) => sentAt >= from),
          rules,
        ),
      };
    }
    throw new Error('the look back ends before the first report');
  }

  async function changeOf(device: number, fresh: readonly StoredReport[]): Promise<SessionChange> {
    const known = states.get(device);
    const viewer = fresh[0]?.viewer ?? 0;
    const earliest = fresh.reduce((least, report) => Math.min(least, report.sentAt), Number.POSITIVE_INFINITY);
    // A user who was erased and came back has the same device and another pseudonym: nothing goes on from before.
    const isOfViewer = fresh.every((report) => report.viewer === (known?.open?.session.viewer ?? report.viewer));
    if (known !== undefined && isOfViewer && earliest > known.instant) {
      // What was shown as ended when it was given up may go on.
      const replaced = known.open?.isGivenUp === true ? { replaceFrom: known.open.session.startedAt } : {};
      return changeFrom(device, viewer, deriveSessions(fresh, rules, known), replaced);
    }
    const { from, derived } = await deriveAnew({ viewer, device }, earliest);
    return changeFrom(device, viewer, derived, { replaceFrom: from });
  }

  function changeFrom(device: number, viewer: number, derived: Derived, more: { replaceFrom?: number }): SessionChange {
    const { sessions: found, orphans, state } = derived;
    remember(device, state);
    return { device, viewer, ...more, sessions: found.filter(isEnded), orphans, state };
  }

  return {
    async changesBy(fresh) {
      const byDevice = Map.groupBy(fresh, ({ device }) => device);
      await recall(byDevice.keys());
      const changes: SessionChange[] = [];
      const groups = [...byDevice];
      for (let at = 0; at < groups.length; at += AT_ONCE) {
        const some = groups.slice(at, at + AT_ONCE).map(([device, own]) => changeOf(device, own));
        changes.push(...(await Promise.all(some)));
      }
      return changes;
    },

    async changesBySilence(devices, now) {
      await recall(devices);
      return devices.flatMap((device) => {
        const known = states.get(device);
        const closed = known === undefined ? undefined : closeSilent(known, rules, now);
        if (closed === undefined) return [];
        const { session, state } = closed;
        remember(device, state);
        return { device, viewer: session.viewer, sessions: [session], orphans: [], state };
      });
    },

    forget(devices) {
      for (const device of devices ?? states.keys()) states.delete(device);
    },
  };
}
