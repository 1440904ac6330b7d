// Counts distinct numbers in 8 to 16 bytes each: a Set of as many takes four times that (ratings R16).

export interface DistinctNumbers {
  add(number: number): void;
  count(): number;
  /** How many of these are not among the others. */
  countMissingIn(others: DistinctNumbers): number;
  /** In ascending order, one of the SHARDS parts in which they are kept: all with one remainder. */
  part(remainder: number): Float64Array;
}

const SHARDS = 64; // so that no single sort of some million devices holds up the requests beside it
const FIRST_SIZE = 256;

/** Of whole numbers from 0 to 2^53. */
export function createDistinctNumbers(): DistinctNumbers {
  const shards = Array.from({ length: SHARDS }, createShard);
  return {
    add: (number) => shards[number % SHARDS]?.add(number),
    count: () => shards.reduce((sum, shard) => sum + shard.sorted().length, 0),
    countMissingIn(others) {
      return shards.reduce((sum, shard, index) => sum + countMissing(shard.sorted(), others.part(index)), 0);
    },
    part: (remainder) => shards[remainder]?.sorted() ?? new Float64Array(),
  };
}

/** Numbers are put behind those that are sorted; when there is no room, all are sorted, and doubles dropped. */
function createShard() {
  let numbers = new Float64Array(FIRST_SIZE);
  let used = 0;
  let distinct = 0;
  const sort = (): void => {
    if (used === distinct) return;
    numbers.subarray(0, used).sort();
    distinct = 0;
    for (let at = 0; at < used; at++) {
      const number = numbers[at] as number;
      if (distinct === 0 || numbers[distinct - 1] !== number) numbers[distinct++] = number;
    }
    used = distinct;
  };
  return {
    add(number: number): void {
      if (used === numbers.length) {
        sort();
        if (used > numbers.length / 2) {
          const larger = new Float64Array(2 * numbers.length);
          larger.set(numbers.subarray(0, used));
          numbers = larger;
        }
      }
      numbers[used++] = number;
    },
    sorted(): Float64Array {
      sort();
      return numbers.subarray(0, distinct);
    },
  };
}

/** Both ascend. */
function countMissing(numbers: Float64Array, others: Float64Array): number {
  let missing = 0;
  let place = 0;
  for (const number of numbers) {
    while (place < others.length && (others[place] as number) < number) place++;
    if (others[place] !== number) missing++;
  }
  return missing;
}
