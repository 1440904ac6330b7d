// The online state of who is not measured, as a user or just now, told from process to process where they share a store (V15, O4; O2, G6).

import type { Online, OnlineReport, Watching } from './online.ts';

/** A device as its last report left it: what the online list shows of it. Times are epoch ms. */
export interface OnlineState {
  device: number;
  viewer: number;
  isOnline: boolean;
  since: number;
  sentAt: number;
  receivedAt: number;
  verified: boolean;
  /** What it watches outside measured windows; absent of a user who is not measured at all. */
  watching?: Watching;
}

/** The port. It keeps one state a device, never a former one, and each for a while only. */
export interface OnlineStateStore {
  /** Replaces the states of these devices; `keepMs` later they are gone. Of one device the last given counts. */
  put(states: readonly (OnlineState & { keepMs: number })[]): Promise<void>;
  /** Those put at or after `at`, epoch ms by the store's own clock; without it all that are kept. */
  listPutSince(at?: number): Promise<(OnlineState & { putAt: number })[]>;
  removeOfViewer(viewer: number): Promise<void>;
}

/** What to tell the others of a report that `online` has taken in; a LogOut also of a device that only they know to be online. */
export function stateAfter(
  report: OnlineReport,
  receivedAt: number,
  online: Pick<Online, 'find'>,
): OnlineState | undefined {
  const { device, viewer, verified, sentAt } = report;
  const entry = online.find(device);
  if (entry !== undefined) {
    const { since, reportedAt, loginMethod, watching } = entry;
    const isVerified = loginMethod === 'digest';
    return {
      device,
      viewer,
      isOnline: true,
      since,
      sentAt: reportedAt,
      receivedAt,
      verified: isVerified,
      ...(watching === undefined ? {} : { watching }),
    };
  }
  if (report.type === 'LogInInfo') return undefined; // too late to say anything of now
  return { device, viewer, isOnline: false, since: sentAt, sentAt, receivedAt, verified };
}

/** The report that has the state's effect. */
export function reportOfState({ isOnline, watching, ...rest }: OnlineState): OnlineReport & { receivedAt: number } {
  const { service = '', programme = '', access } = watching ?? {};
  const by = access === undefined ? {} : { access };
  return { ...rest, type: isOnline ? 'LogInInfo' : 'LogOutInfo', service, programme, ...by };
}
