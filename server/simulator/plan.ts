// What a simulated fleet will do, and what is true of it (O10). Times are epoch ms, whole seconds.

import type { EndReason } from '../viewing/report.ts';
import type { StreamForm } from './handset-wire.ts';

/** In order, apart, half-open. */
export type Windows = readonly { from: number; to: number }[];

/** A service and its programmes, which need no order and may leave gaps. */
export interface SimulatedService {
  id: string;
  /** What of it is measured; absent: all. Handsets report nothing else. */
  measured?: Windows;
  programmes: readonly { id: string; startAt: number; stopAt: number }[];
}

/** How often things happen; all are probabilities in [0, 1] but the first. */
export interface FleetOptions {
  /** Times a day that an average user picks up a handset to watch. */
  visitsPerDay: number;
  /** Handsets that send the extension, heartbeats and client time. */
  modernShare: number;
  /** A visit ends without a LogOut. */
  crashRate: number;
  /** A modern handset's clock is wrong. */
  badClockShare: number;
  /** A modern handset has no network for a whole visit and sends a batch afterwards. */
  offlineRate: number;
  /** A report is sent again though it was acknowledged. */
  doubleRate: number;
  /** A report arrives late, and so out of order. */
  lateRate: number;
  /** A second person, whom no report names, watches along for a visit. */
  companionRate: number;
  /** A modern handset holds an event stream, and drops and resumes it. */
  streamShare: number;
  /** A stream is a WebSocket. */
  webSocketShare: number;
  /** A user orders something that is on offer. */
  orderShare: number;
  /** What was ordered is cancelled again. */
  cancelShare: number;
}

export interface FleetRequest {
  handsets: number;
  hours: number;
  seed: number;
  startAt: number;
  services: readonly SimulatedService[];
  /** Ids of what is on offer in all that time. */
  items?: readonly string[];
  options?: Partial<FleetOptions>;
}

export interface Handset {
  /** Counts from 1. */
  number: number;
  user: string;
  /** Sends the extension, heartbeats, and keeps its connection; a simple one sends the method's bare message. */
  modern: boolean;
  deviceId?: string;
  deviceModel?: string;
  imsi?: string;
  /** What is added to the true time, ms; only modern handsets have one. */
  clockErrorMs: number;
  /** Sends a LogIn at a programme boundary. */
  knowsGuide: boolean;
  /** Sends a LogOut before it goes to another service. */
  logsOutOnZap: boolean;
}

/** One report. */
export interface Act {
  at: number;
  type: 'LogInInfo' | 'LogOutInfo';
  service: string;
  programme: string;
  /** Modern handsets only. */
  reportId?: string;
  sequence?: number;
  endReason?: EndReason;
}

/** One request: a single report, or a batch of several. */
export interface Delivery {
  sendAt: number;
  acts: readonly Act[];
  batch: boolean;
  /** All of it was sent before. */
  double: boolean;
}

/** One stretch [from, to) of a device on one service and programme (as the handset names it): what really was, in measured time. */
export interface TrueSession {
  handset: number;
  user: string;
  service: string;
  programme: string;
  from: number;
  to: number;
  /** How the handset leaves it: by LogOut, by a LogIn for something else, or not at all. */
  end: 'logOut' | 'switched' | 'crashed';
  heartbeats: number;
  endReason?: EndReason;
  /** Persons who watch along and are never measured. */
  companions: number;
}

/** A session as a server can derive it by V12 with a heartbeat of 2 min and a cap of 4 h. */
export interface ExpectedSession {
  handset: number;
  user: string;
  service: string;
  programme: string;
  from: number;
  to: number;
  flags: ('switched' | 'capped')[];
  /** Nothing in it was lost: it equals what really was. */
  clean: boolean;
}

/** How a handset holds its event stream. */
export interface PlannedStream {
  form: StreamForm;
  /** After how long the line drops, ms on the wall, one time after the other and then from the first again; none: never. */
  dropsAfterMs: readonly number[];
}

/** What a user buys, [at, cancelledAt). */
export interface PlannedOrder {
  item: string;
  at: number;
  cancelledAt?: number;
}

export interface HandsetPlan {
  handset: Handset;
  /** Absent: it goes by the marks in the answers to its reports. */
  stream?: PlannedStream;
  orders: readonly PlannedOrder[];
  /** In order of time. */
  acts: readonly Act[];
  /** In order of sending. */
  deliveries: readonly Delivery[];
  sessions: readonly TrueSession[];
  expected: readonly ExpectedSession[];
}

export interface FleetPlan {
  seed: number;
  from: number;
  to: number;
  handsets: readonly HandsetPlan[];
}
