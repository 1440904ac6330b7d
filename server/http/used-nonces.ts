// Which (nonce, nc) were used, in bounded memory: about 12 bytes a nonce (V7; RFC 2617 3.2.2 on nc).

export interface UsedNoncesRules {
  /** How long a nonce is accepted: what is older needs no memory. */
  lifeMs: number;
  /** Epoch ms. */
  clock: () => number;
  /** How many nonces are remembered at most. */
  most?: number;
  /** Epoch ms. Nonces issued before are `forgotten`: set it to the start of a process that lost its memory. */
  sinceAt?: number;
}

export interface UsedNonces {
  /**
   * Takes note of one use, to be called for authenticated requests only. `nc` is absent with clients of RFC 2069: that
   * uses up the nonce. `again` means replayed, or older than the 32 last counts; `forgotten` that nobody can tell.
   */
  use(issuedAt: number, serial: number, nc: number | undefined): 'first' | 'again' | 'forgotten';

  /** How many nonces are remembered. */
  count(): number;
}

/** The nonces of a slice of time, in one open-addressed table; most nonces are used once or a few times. */
interface Generation {
  startsAt: number;
  latestAt: number;
  count: number;
  serials: Uint32Array;
  /** ms after `startsAt`, plus 1; 0 is a free place. */
  offsets: Uint16Array;
  /** Bit n-1 for nc = n up to 15; WIDE when `wide` knows; USED_UP when no nc is left. */
  uses: Uint16Array;
  wide: Map<number, Wide>;
}

/** Bit n of `window`: highest - n was used. */
interface Wide {
  highest: number;
  window: number;
}

const MOST_NONCES = 8_000_000; // about 100 MB, 5 minutes of 20,000 one-use nonces a second and some more
const WIDE_WEIGHT = 10; // what an entry of a Map takes, counted in nonces
const SLICES_OF_LIFE = 60;
const AHEAD_MS = 5_000; // a nonce of a process whose clock is ahead may be dropped before its time has come
const LONGEST_SLICE_MS = 60_000; // an offset has 16 bits
const FIRST_PLACES = 64;
const GROWTH = 1.5;
const FULLEST = 0.8;
const NARROW_COUNTS = 15;
const WIDE = 0x8000;
const USED_UP = 0xffff;
const WINDOW = 32;
const SERIALS = 1_000_000_000;

export function createUsedNonces({ lifeMs, clock, most = MOST_NONCES, sinceAt }: UsedNoncesRules): UsedNonces {
  const sliceMs = Math.min(LONGEST_SLICE_MS, Math.max(1, Math.ceil(lifeMs / SLICES_OF_LIFE)));
  const generations = new Map<number, Generation>();
  let forgottenBefore = sinceAt ?? Number.NEGATIVE_INFINITY;
  let weight = 0;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const drop = (generation: Generation): void => {
    generations.delete(generation.startsAt);
    weight -= generation.count + WIDE_WEIGHT * generation.wide.size;
    forgottenBefore = Math.max(forgottenBefore, generation.latestAt + 1);
  };

  const sweep = (now: number): void => {
    if (now >= sweptAt && now - sweptAt < sliceMs) return;
    sweptAt = now;
    for (const generation of generations.values()) {
      if (now - generation.latestAt >= lifeMs) drop(generation);
    }
  };

  const dropOldest = (): void => {
    let oldest: Generation | undefined;
    for (const generation of generations.values()) {
      if (oldest === undefined || generation.startsAt < oldest.startsAt) oldest = generation;
    }
    if (oldest !== undefined) drop(oldest);
  };

  return {
    use(issuedAt, serial, nc) {
      const now = clock();
      sweep(now);
      // The clock was set back. Else no nonce that is issued now would be accepted until it has caught up; what was used
      // long before could be used again then, which is the lesser harm.
      if (forgottenBefore > now + AHEAD_MS) forgottenBefore = now;
      if (issuedAt < forgottenBefore) return 'forgotten';
      const startsAt = issuedAt - (issuedAt % sliceMs);
      let generation = generations.get(startsAt);
      if (generation === undefined) {
        generation = createGeneration(startsAt);
        generations.set(startsAt, generation);
      }
      const before = generation.count + WIDE_WEIGHT * generation.wide.size;
      const first = note(generation, issuedAt - startsAt, serial, nc);
      weight += generation.count + WIDE_WEIGHT * generation.wide.size - before;
      while (weight > most) dropOldest();
      return first ? 'first' : 'again';
    },

    count() {
      let count = 0;
      for (const generation of generations.values()) count += generation.count;
      return count;
    },
  };
}

function createGeneration(startsAt: number): Generation {
  return { startsAt, latestAt: startsAt, count: 0, ...createTable(FIRST_PLACES), wide: new Map() };
}

function createTable(places: number): Pick<Generation, 'serials' | 'offsets' | 'uses'> {
  return { serials: new Uint32Array(places), offsets: new Uint16Array(places), uses: new Uint16Array(places) };
}

function note(generation: Generation, offset: number, serial: number, nc: number | undefined): boolean {
  const place = findPlace(generation, offset + 1, serial);
  const { offsets, serials, uses } = generation;
  if (offsets[place] === 0) {
    offsets[place] = offset + 1;
    serials[place] = serial;
    uses[place] = 0;
    generation.count += 1;
    generation.latestAt = Math.max(generation.latestAt, generation.startsAt + offset);
    markUse(generation, place, nc);
    if (generation.count > FULLEST * offsets.length) grow(generation);
    return true;
  }
  return markUse(generation, place, nc);
}

function markUse(generation: Generation, place: number, nc: number | undefined): boolean {
  const { uses } = generation;
  const used = uses[place] ?? USED_UP;
  if (used === USED_UP) return false;
  const key = (generation.offsets[place] ?? 0) * SERIALS + (generation.serials[place] ?? 0);
  if (nc === undefined) {
    const untouched = used === 0;
    uses[place] = USED_UP;
    generation.wide.delete(key);
    return untouched;
  }
  if ((used & WIDE) === 0 && nc <= NARROW_COUNTS) {
    const bit = 1 << (nc - 1);
    uses[place] = used | bit;
    return (used & bit) === 0;
  }
  const wide = generation.wide.get(key) ?? widen(used);
  uses[place] = WIDE;
  generation.wide.set(key, wide);
  return slide(wide, nc);
}

function widen(used: number): Wide {
  const highest = 32 - Math.clz32(used);
  let window = 0;
  for (let nc = 1; nc <= highest; nc += 1) if ((used & (1 << (nc - 1))) !== 0) window |= 1 << (highest - nc);
  return { highest, window };
}

/** Requests that run in parallel arrive slightly out of order: the last 32 counts are kept apart. */
function slide(wide: Wide, nc: number): boolean {
  const ahead = nc - wide.highest;
  if (ahead > 0) {
    wide.window = ahead >= WINDOW ? 1 : (wide.window << ahead) | 1;
    wide.highest = nc;
    return true;
  }
  if (-ahead >= WINDOW) return false;
  const bit = 1 << -ahead;
  const first = (wide.window & bit) === 0;
  wide.window |= bit;
  return first;
}

/** Where the nonce is, or the free place where it goes. */
function findPlace({ serials, offsets }: Generation, offset: number, serial: number): number {
  const places = offsets.length;
  let place = ((Math.imul(serial, 0x9e3779b1) ^ Math.imul(offset, 0x85ebca6b)) >>> 0) % places;
  while (offsets[place] !== 0 && (serials[place] !== serial || offsets[place] !== offset)) {
    place = place + 1 === places ? 0 : place + 1;
  }
  return place;
}

function grow(generation: Generation): void {
  const { serials, offsets, uses } = generation;
  Object.assign(generation, createTable(Math.ceil(offsets.length * GROWTH)));
  for (let old = 0; old < offsets.length; old += 1) {
    const offset = offsets[old] ?? 0;
    if (offset === 0) continue;
    const serial = serials[old] ?? 0;
    const place = findPlace(generation, offset, serial);
    generation.offsets[place] = offset;
    generation.serials[place] = serial;
    generation.uses[place] = uses[old] ?? 0;
  }
}
