// The confidence interval of a share (R11): E. B. Wilson, JASA 22 (1927) 209-212; of a finite population: Cochran, Sampling Techniques (1977), 2.6.

/** Shares, 0 to 1. */
export interface Interval {
  low: number;
  high: number;
}

/**
 * Where the share lies in a population of `population`, of which `counted` are a random sample and `hits` of them have the mark. A sample
 * of m out of N errs like one of m·(N−1)/(N−m) out of infinitely many; who counted all knows it. `counted` is 1 or more, `confidence`
 * between 0 and 1.
 */
export function wilsonInterval(hits: number, counted: number, population: number, confidence: number): Interval {
  const share = hits / counted;
  if (counted >= population) return { low: share, high: share };
  const size = (counted * (population - 1)) / (population - counted);
  const z = normalQuantile((1 + confidence) / 2);
  const spread = (z * z) / size;
  const middle = (share + spread / 2) / (1 + spread);
  const half = (z * Math.sqrt((share * (1 - share)) / size + spread / (4 * size))) / (1 + spread);
  // The share lies within; at 0 and 1 rounding may say otherwise.
  return { low: Math.min(share, Math.max(0, middle - half)), high: Math.max(share, Math.min(1, middle + half)) };
}

/** From the middle on: P. J. Acklam's rational approximations of the inverse normal distribution, to 1.2e-9 of the value. */
const A = [
  -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716, 2.506628277459239,
];
const B = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
const C = [
  -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
  2.938163982698783,
];
const D = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
const TAIL = 1 - 0.02425;

const polynomial = (factors: readonly number[], x: number): number => factors.reduce((sum, each) => sum * x + each, 0);

/** `p` from 0.5 on, below 1. */
function normalQuantile(p: number): number {
  if (p > TAIL) {
    const q = Math.sqrt(-2 * Math.log(1 - p));
    return -polynomial(C, q) / polynomial(D, q);
  }
  const q = p - 0.5;
  return (polynomial(A, q * q) * q) / polynomial(B, q * q);
}
