// What MongoDB holds of viewing sessions: documents, their names and indexes (V12, V13, O4).

import type { DeviceState, Orphan } from '../../viewing/derive-sessions.ts';
import type { Session } from '../../viewing/session.ts';

export interface SessionDocument extends Session {
  _id: string;
}

/** Where deriving stands of a device, and under which turn it was written: a former holder's late write meets a greater one. */
export interface StateDocument {
  _id: number;
  turn: number;
  viewer: number;
  state: DeviceState;
  /** Of the open session that is shown. */
  startedAt?: number;
  silentAt?: number;
  /** When a state that shows no open session was written: it is of use for a while only. */
  at?: Date;
}

export interface OrphanDocument extends Orphan {
  _id: string;
}

export const SESSION_INDEXES = [
  { key: { startedAt: 1, device: 1, service: 1, programme: 1 }, name: 'start' }, // list of a window, in its order
  { key: { viewer: 1, startedAt: 1, device: 1, service: 1, programme: 1 }, name: 'viewer' }, // list of a viewer; listByViewer
  { key: { service: 1, startedAt: 1, device: 1 }, name: 'service' }, // list of a provider's services
  { key: { device: 1, startedAt: 1 }, name: 'device' }, // what a late report replaces
  { key: { endedAt: 1 }, name: 'end' }, // removeEndedBefore
];
export const STATE_INDEXES = [
  { key: { silentAt: 1 }, name: 'silence', partialFilterExpression: { silentAt: { $gt: 0 } } }, // listSilentDevices
  { key: { startedAt: 1 }, name: 'start', partialFilterExpression: { startedAt: { $gt: 0 } } }, // open sessions of a window
  { key: { viewer: 1 }, name: 'viewer' }, // open sessions of a viewer; removeOfViewer
  { key: { at: 1 }, name: 'age', expireAfterSeconds: 2 * 86_400 }, // what is late by so much is derived anew; an open session stays till it is ended
];
export const ORPHAN_INDEXES = [
  { key: { at: 1 }, name: 'at' }, // listOrphans; removeEndedBefore
  { key: { device: 1, at: 1 }, name: 'device' }, // what a late report replaces
  { key: { viewer: 1 }, name: 'viewer' }, // removeOfViewer
];

/** Of a state whose open session is shown; undefined where there is none, or it was given up. */
export function shownOf({ open }: DeviceState): Pick<StateDocument, 'startedAt' | 'silentAt'> | undefined {
  return open === undefined || open.isGivenUp === true
    ? undefined
    : { startedAt: open.session.startedAt, silentAt: open.silentAt };
}

/** Separated by what no part can hold: XML has no such character. */
export const sessionNameOf = ({ device, startedAt, service, programme }: Session): string =>
  [device.toString(36), startedAt.toString(36), service, programme].join('\u0001');
export const orphanNameOf = ({ device, at, service, programme }: Orphan): string =>
  [device.toString(36), at.toString(36), service, programme].join('\u0001');

export function sessionOf({ _id, ...session }: SessionDocument): Session {
  return session;
}
