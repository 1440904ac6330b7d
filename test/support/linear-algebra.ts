// Whether a sum follows from other sums, by elimination over a prime field.

const PRIME = 1_000_003n;

/** A basis of equations over 0/1 unknowns, made once; each row has 1 at its pivot. */
function basisOf(equations: readonly ReadonlySet<number>[], unknowns: number): Map<number, number[]> {
  const basis = new Map<number, number[]>();
  for (const equation of equations) {
    const row = reduce(rowOf(equation, unknowns), basis);
    const pivot = row.findIndex((value) => value !== 0);
    if (pivot >= 0) basis.set(pivot, scaled(row, inverse(row[pivot] as number)));
  }
  return basis;
}

const bases = new WeakMap<object, Map<number, number[]>>();

/** Whether `sum` is a combination of the equations. */
export function canTell(
  equations: readonly ReadonlySet<number>[],
  sum: ReadonlySet<number>,
  unknowns: number,
): boolean {
  let basis = bases.get(equations);
  if (basis === undefined) {
    basis = basisOf(distinct(equations), unknowns);
    bases.set(equations, basis);
  }
  return reduce(rowOf(sum, unknowns), basis).every((value) => value === 0);
}

const distinct = (equations: readonly ReadonlySet<number>[]): ReadonlySet<number>[] => [
  ...new Map(equations.map((equation) => [[...equation].sort((a, b) => a - b).join(), equation])).values(),
];

const P = Number(PRIME);

const rowOf = (equation: ReadonlySet<number>, unknowns: number): number[] =>
  Array.from({ length: unknowns }, (_, unknown) => (equation.has(unknown) ? 1 : 0));

function reduce(row: number[], basis: ReadonlyMap<number, number[]>): number[] {
  for (let pivot = 0; pivot < row.length; pivot++) {
    const factor = row[pivot] as number;
    const other = factor === 0 ? undefined : basis.get(pivot);
    if (other === undefined) continue;
    for (let place = pivot; place < row.length; place++) {
      row[place] = ((((row[place] as number) - factor * (other[place] as number)) % P) + P) % P;
    }
  }
  return row;
}

const scaled = (row: readonly number[], factor: number): number[] => row.map((value) => (value * factor) % P);

/** By Fermat: x^(p-2). */
function inverse(value: number): number {
  let [result, base, power] = [1n, BigInt(value), PRIME - 2n];
  for (; power > 0n; power >>= 1n) {
    if ((power & 1n) === 1n) result = (result * base) % PRIME;
    base = (base * base) % PRIME;
  }
  return Number(result);
}
