// From a device's new reports to the change of its sessions: goes on from where deriving stands, or derives anew (V11, V12).

import { createDeriveAnew } from './derive-anew.ts';
import { closeSilent, type Derived, type DeviceState, deriveSessions, type SessionRules } from './derive-sessions.ts';
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

export function createSessionChanges(deps: {
  reports: Pick<ReportLog, 'listOfDevices'>;
  sessions: Pick<SessionStore, 'findStates'>;
  rules: SessionRules;
}): SessionChanges {
  const { reports, sessions, rules } = deps;
  const states = new Map<number, DeviceState>();
  const deriveAnew = createDeriveAnew(reports, rules);

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

  /** Where deriving a device goes on from, if no report is late for that. */
  function knownBefore(device: number, fresh: readonly StoredReport[]): DeviceState | undefined {
    const known = states.get(device);
    if (known === undefined) return undefined;
    // A user who was erased and came back has the same device and another pseudonym: nothing goes on from before.
    const isOfViewer = fresh.every(({ viewer }) => viewer === (known.open?.session.viewer ?? viewer));
    return isOfViewer && earliestOf(fresh) > known.instant ? known : undefined;
  }

  function goOn(device: number, fresh: readonly StoredReport[], known: DeviceState): SessionChange {
    // What was shown as ended when it was given up may go on.
    const replaced = known.open?.isGivenUp === true ? { replaceFrom: known.open.session.startedAt } : {};
    return changeFrom(device, viewerOf(fresh), deriveSessions(fresh, rules, known), replaced);
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
      const touched: Parameters<typeof deriveAnew>[0][number][] = [];
      for (const [device, own] of byDevice) {
        const known = knownBefore(device, own);
        if (known === undefined) touched.push({ viewer: viewerOf(own), device, at: earliestOf(own) });
        else changes.push(goOn(device, own, known));
      }
      for (const [device, { from, derived }] of await deriveAnew(touched))
        changes.push(changeFrom(device, viewerOf(byDevice.get(device)), derived, { replaceFrom: from }));
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

const viewerOf = (reports: readonly StoredReport[] | undefined): number => reports?.[0]?.viewer ?? 0;
const earliestOf = (reports: readonly StoredReport[]): number => Math.min(...reports.map(({ sentAt }) => sentAt));
