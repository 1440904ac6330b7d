// What figures are asked of: time on services, and groups of people (ratings R2, R3).

import type { Span } from './spans.ts';

/** Time of a target on one service, less its breaks: ordered and disjoint; of broadcast number `broadcast` of the target, from 0. */
export interface Part extends Span {
  broadcast: number;
}

/**
 * A row's time: a service's window, a programme's slot, a genre's broadcasts on all services, a quarter-hour. On one service the
 * parts of one target don't overlap; those of several targets may.
 */
export interface Target {
  lanes: readonly { service: string; parts: readonly Part[] }[];
  /** Time on every service, also on one that the guide doesn't know. */
  everyService?: readonly Part[];
  /**
   * How |W| is measured over several services: `union` where their time is one (a provider's services in a window), `sum`
   * where it is made of broadcasts (a genre), each on its own, so that the average audience is that of one; such a target has
   * gross rating points.
   */
  extent: 'union' | 'sum';
}

/** A split of the audience into groups that together are all of it: regions, kinds of device, live and time-shifted. */
export interface Segmentation {
  names: readonly string[];
  /** Sum of weights of everyone of the group who could watch; absent where groups are not of people (device, time shift). */
  universes?: readonly number[];
  /** Place in `names`; -1: not counted. Asked once a session. */
  segmentOf(viewer: number, device: number, timeShiftS: number): number;
}
