// Who is asked in a survey, decided once from the devices online: all, or a random sample of some of them (R10, O2).

import { hash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Population, SurveyTarget } from './survey.ts';
import type { AskedPiece } from './survey-store.ts';

/** A user who may be measured. */
interface MeasurableUser {
  demographics?: Record<string, string>;
}

export interface AskedDevices {
  population: Population;
  /** Ascending. */
  devices: number[];
}

const LOOKED_UP_AT_ONCE = 200;
const DRAWN_AT_ONCE = 5_000; // some 10 ms, then requests are answered
/** Devices of one piece, and of one event. */
const PIECE = 1_000;

export async function chooseAsked(
  deps: {
    listOnline(): readonly { device: number; viewer: number }[];
    /** Undefined for who may not be measured. */
    findMeasurable(viewer: number): Promise<MeasurableUser | undefined>;
  },
  to: SurveyTarget,
  seed: string,
): Promise<AskedDevices> {
  const online = deps.listOnline().map(({ device, viewer }) => ({ device, viewer }));
  const users = new Map<number, MeasurableUser | undefined>();
  const viewers = [...new Set(online.map(({ viewer }) => viewer))];
  for (let start = 0; start < viewers.length; start += LOOKED_UP_AT_ONCE) {
    const some = viewers.slice(start, start + LOOKED_UP_AT_ONCE);
    const found = await Promise.all(some.map(deps.findMeasurable));
    for (const [place, viewer] of some.entries()) users.set(viewer, found[place]);
    await turn();
  }
  const named = to.viewers === undefined ? undefined : new Set(to.viewers);
  const group = Object.entries(to.group ?? {});
  const measurable = online.filter(({ viewer }) => users.get(viewer) !== undefined);
  const eligible = measurable.filter(
    ({ viewer }) =>
      (named === undefined || named.has(viewer)) &&
      group.every(([name, value]) => users.get(viewer)?.demographics?.[name] === value),
  );
  const all = eligible.map(({ device }) => device);
  const number = to.sample ?? (to.percent === undefined ? all.length : Math.round((all.length * to.percent) / 100));
  const devices = number < all.length ? await drawSample(all, number, seed) : all;
  return {
    population: { online: online.length, measurable: measurable.length, eligible: all.length },
    devices: devices.sort((a, b) => a - b),
  };
}

/** The `number` devices whose SHA-256 of "seed device" is least: the same again from the same seed and devices, in any order. */
export async function drawSample(devices: readonly number[], number: number, seed: string): Promise<number[]> {
  const drawn: { device: number; lot: string }[] = [];
  for (const device of devices) {
    drawn.push({ device, lot: hash('sha256', `${seed} ${device}`) });
    if (drawn.length % DRAWN_AT_ONCE === 0) await turn();
  }
  drawn.sort((a, b) => (a.lot < b.lot ? -1 : 1));
  return drawn.slice(0, number).map(({ device }) => device);
}

export function piecesOf(devices: readonly number[], seed: string, at: number): AskedPiece[] {
  return Array.from({ length: Math.ceil(devices.length / PIECE) }, (_, index) => {
    const own = devices.slice(index * PIECE, (index + 1) * PIECE);
    return { seed, first: own[0] ?? 0, devices: own, at };
  });
}
