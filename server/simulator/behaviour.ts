// Plans what a fleet of handsets does, as handsets do, and keeps the truth of it (O10; V1-V5, V12). Pure: a seed repeats it.

import { planDeliveries } from './deliveries.ts';
import { expectSessions } from './expected-sessions.ts';
import { cutToMarks } from './obeyed-marks.ts';
import type {
  Act,
  FleetOptions,
  FleetPlan,
  FleetRequest,
  Handset,
  HandsetPlan,
  SimulatedService,
  TrueSession,
  Windows,
} from './plan.ts';
import { planErrands } from './plan-errands.ts';
import { createRandom, type Random } from './random.ts';
import { userName, usersOf } from './simulated-accounts.ts';
import { planVisits, type Stay, type Visit } from './viewing-day.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const HEARTBEAT_MS = 120_000;
const APART_MS = 5 * SECOND_MS; // reports of one stay are never closer: no order depends on a measured clock
const CRASH_AFTER_MS = 300_000; // two heartbeats at least have shown a server the rhythm
const CLOCK_ERROR_LEAST_S = 5;
const CLOCK_ERROR_MOST_S = 240; // below the 5 minutes from which a clock is not believed (V4)

const DEFAULTS: FleetOptions = {
  visitsPerDay: 12,
  modernShare: 0.5,
  crashRate: 0.03,
  badClockShare: 0.1,
  offlineRate: 0.05,
  doubleRate: 0.02,
  lateRate: 0.03,
  companionRate: 0.1,
  streamShare: 0,
  webSocketShare: 0.25,
  orderShare: 0,
  cancelShare: 0.4,
};
const MODELS = ['Lumen 5', 'Lumen 5 Pro', 'Tessera A2', 'Orrery One', 'Kestrel TV'];

/**
 * The acts, requests and truth of every handset in [startAt, startAt + hours). All acts end a minute before that end. The
 * same request gives the same plan, to the byte.
 */
export function planFleet(request: FleetRequest): FleetPlan {
  const options = { ...DEFAULTS, ...request.options };
  const from = Math.floor(request.startAt / SECOND_MS) * SECOND_MS;
  const to = from + Math.floor((request.hours * HOUR_MS) / SECOND_MS) * SECOND_MS;
  const services = request.services.map((service) => ({
    ...service,
    programmes: [...service.programmes].sort((a, b) => a.startAt - b.startAt),
  }));
  const windows = new Map(services.map(({ id, measured }) => [id, measured]));
  const windowsOf = (service: string): Windows | undefined => windows.get(service);
  const handsets = Array.from({ length: request.handsets }, (_, index): HandsetPlan => {
    const random = createRandom(request.seed, index);
    const handset = makeHandset(index, request, options, random);
    const run = `${request.seed.toString(36)}-${(from / SECOND_MS).toString(36)}-${handset.number}`;
    const visits = planVisits(
      services,
      { from, to },
      {
        visitsPerDay: options.visitsPerDay,
        crashRate: options.crashRate,
        companionRate: options.companionRate,
        gaps: handset.logsOutOnZap,
        returnsAfterCrash: !handset.modern,
      },
      random,
    );
    const mayBuy = index < usersOf(request.handsets);
    let sequence = 0;
    const planned = visits.map((visit) => {
      const sessions = cutToMarks(sessionsOf(visit, handset, random), windowsOf, {
        leastMs: APART_MS,
        crashAfterMs: CRASH_AFTER_MS,
        heartbeatsOf: handset.modern ? heartbeatsOf : () => 0,
      });
      const acts = sessions.flatMap((session, index) => actsOf(session, sessions[index + 1], handset));
      const numbered = handset.modern
        ? acts.map((act) => ({ ...act, sequence: ++sequence, reportId: `${run}-${sequence}` }))
        : acts;
      const offline = handset.modern && !visit.crashed && random.chance(options.offlineRate);
      return { sessions, acts: numbered, offline };
    });
    const sessions = planned.flatMap((visit) => visit.sessions);
    return {
      handset,
      ...planErrands(handset, { seed: request.seed, items: request.items ?? [], from, to, options, mayBuy }),
      acts: planned.flatMap((visit) => visit.acts),
      deliveries: planDeliveries(planned, options, random),
      sessions,
      expected: expectSessions(sessions, windowsOf),
    };
  });
  return { seed: request.seed, from, to, handsets };
}

function makeHandset(index: number, request: FleetRequest, options: FleetOptions, random: Random): Handset {
  const second = index >= usersOf(request.handsets);
  const modern = random.chance(options.modernShare) || second; // a second simple one would pass for the first
  const number = index + 1;
  const badClock = modern && random.chance(options.badClockShare);
  const errorS = random.integer(CLOCK_ERROR_LEAST_S, CLOCK_ERROR_MOST_S) * (random.chance(0.5) ? 1 : -1);
  const imsi = `46000${String(1_000_000_000 + ((number * 7_919 + request.seed * 104_729) % 1_000_000_000)).slice(-10)}`;
  const model = MODELS[random.integer(0, MODELS.length - 1)];
  const hasImsi = modern || random.chance(0.5);
  return {
    number,
    user: userName(index, request.handsets),
    modern,
    ...(modern ? { deviceId: `sim-device-${String(number).padStart(5, '0')}` } : {}),
    ...(modern && model !== undefined ? { deviceModel: model } : {}),
    ...(hasImsi ? { imsi } : {}),
    clockErrorMs: badClock ? errorS * SECOND_MS : 0,
    knowsGuide: random.chance(0.5) || modern,
    logsOutOnZap: random.chance(0.3),
  };
}

function sessionsOf(visit: Visit, handset: Handset, random: Random): TrueSession[] {
  const { number, user } = handset;
  const { companions } = visit;
  return visit.stays.flatMap((stay, index) => {
    const lastStay = index === visit.stays.length - 1;
    const pieces = cutAtBoundaries(stay, handset.knowsGuide);
    return pieces.flatMap((piece, place): TrueSession[] => {
      const session = { handset: number, user, service: stay.service.id, ...piece, companions, heartbeats: 0 };
      const beaten = { ...session, heartbeats: handset.modern ? heartbeatsOf(piece.from, piece.to) : 0 };
      if (place < pieces.length - 1) return [{ ...beaten, end: 'switched' }];
      if (!lastStay) {
        return [handset.logsOutOnZap ? { ...beaten, end: 'logOut', endReason: 'zap' } : { ...beaten, end: 'switched' }];
      }
      const crashAt = piece.from + CRASH_AFTER_MS + APART_MS;
      if (visit.crashed && crashAt < piece.to) {
        const to = crashAt + random.integer(0, (piece.to - crashAt) / SECOND_MS) * SECOND_MS;
        return [{ ...session, to, heartbeats: handset.modern ? heartbeatsOf(piece.from, to) : 0, end: 'crashed' }];
      }
      return [{ ...beaten, end: 'logOut', endReason: random.chance(0.7) ? 'off' : 'background' }];
    });
  });
}

/** A boundary too near to another report is not announced: the handset goes on under the programme it named. */
function cutAtBoundaries(stay: Stay, knowsGuide: boolean): { programme: string; from: number; to: number }[] {
  const pieces = [{ programme: programmeAt(stay.service, stay.from), from: stay.from, to: stay.to }];
  if (!knowsGuide) return pieces;
  const boundaries = new Set(stay.service.programmes.flatMap(({ startAt, stopAt }) => [startAt, stopAt]));
  for (const boundary of [...boundaries].sort((a, b) => a - b)) {
    const at = Math.ceil(boundary / SECOND_MS) * SECOND_MS;
    const open = pieces.at(-1);
    if (open === undefined || at - open.from < APART_MS || stay.to - at < APART_MS) continue;
    const programme = programmeAt(stay.service, at);
    if (programme === open.programme) continue;
    open.to = at;
    pieces.push({ programme, from: at, to: stay.to });
  }
  return pieces;
}

function programmeAt(service: SimulatedService, at: number): string {
  return service.programmes.findLast(({ startAt, stopAt }) => startAt <= at && at < stopAt)?.id ?? '';
}

function heartbeatsOf(from: number, to: number): number {
  return Math.max(0, Math.floor((to - from - APART_MS) / HEARTBEAT_MS));
}

function actsOf(session: TrueSession, next: TrueSession | undefined, handset: Handset): Act[] {
  const { service, programme, from, to, end, endReason } = session;
  const logIn = { type: 'LogInInfo', service, programme } as const;
  const acts: Act[] = [{ at: from, ...logIn }];
  for (let beat = 1; beat <= session.heartbeats; beat += 1) acts.push({ at: from + beat * HEARTBEAT_MS, ...logIn });
  if (end === 'logOut') {
    const reason = handset.modern && endReason !== undefined ? { endReason } : {};
    acts.push({ at: to, type: 'LogOutInfo', service, programme, ...reason });
  }
  if (end === 'switched' && next?.from !== to) throw new Error('a switch needs a LogIn at its moment');
  return acts;
}
