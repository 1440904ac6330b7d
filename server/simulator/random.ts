// Random numbers that a seed repeats: mulberry32 (public domain, Tommy Ettinger) and the distributions of viewing (O10).

/** A source of numbers; the same seed gives the same numbers on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** An integer in [least, most]. */
  integer(least: number, most: number): number;
  /** Log-normal about `median`; sigma is that of the logarithm. */
  logNormal(median: number, sigma: number): number;
  /** The time to the next event of a Poisson process of `rate` events per unit. */
  exponential(rate: number): number;
  /** An index, with the odds of these weights. */
  weighted(weights: readonly number[]): number;
}

/** `stream` sets apart the numbers of several users of one seed: one more of them leaves the others as they were. */
export function createRandom(seed: number, stream: number): Random {
  let state = mix(mix(seed >>> 0) ^ Math.imul(stream + 1, 0x9e3779b1));
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    chance: (probability) => next() < probability,
    integer: (least, most) => least + Math.floor(next() * (most - least + 1)),
    logNormal(median, sigma) {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return median * Math.exp(sigma * normal);
    },
    exponential: (rate) => -Math.log(1 - next()) / rate,
    weighted(weights) {
      let left = next() * weights.reduce((sum, weight) => sum + weight, 0);
      const found = weights.findIndex((weight) => {
        left -= weight;
        return left < 0;
      });
      return found < 0 ? weights.length - 1 : found;
    },
  };
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) | 0;
}
