// Numbers, each with its place in the order in which it came: a hash table without an object for each (ratings R18).

/** Pseudonyms of people or devices: integers from 0, below 2^52. */
export interface NumberIndex {
  readonly size: number;
  /** The place of the number, from 0: its own, or the next when it is new. */
  add(number: number): number;
  /** -1 when it was never added. */
  find(number: number): number;
}

const FIRST_SIZE = 1_024;
const TWO_32 = 2 ** 32;

/** Takes 16 to 32 bytes a number: ten million are 270 MB. */
export function createNumberIndex(): NumberIndex {
  let numbers = new Float64Array(FIRST_SIZE);
  let slots = new Int32Array(2 * FIRST_SIZE); // place + 1; 0 is free, and half of them at least are
  let size = 0;

  /** Where the number is, or the free slot where it would be. */
  const slotOf = (number: number): number => {
    const mask = slots.length - 1;
    let hash = Math.imul((number >>> 0) ^ Math.imul((number / TWO_32) | 0, 0x9e3779b1), 0x85ebca6b);
    hash ^= hash >>> 15; // the low bits depend on all
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot] ?? 0;
      if (place === 0 || numbers[place - 1] === number) return slot;
    }
  };

  const grow = (): void => {
    const larger = new Float64Array(2 * numbers.length);
    larger.set(numbers);
    numbers = larger;
    slots = new Int32Array(2 * larger.length);
    for (let place = 0; place < size; place += 1) slots[slotOf(numbers[place] ?? 0)] = place + 1;
  };

  return {
    get size() {
      return size;
    },
    add(number) {
      let slot = slotOf(number);
      const place = slots[slot] ?? 0;
      if (place > 0) return place - 1;
      if (size === numbers.length) {
        grow();
        slot = slotOf(number);
      }
      numbers[size] = number;
      size += 1;
      slots[slot] = size;
      return size - 1;
    },
    find: (number) => (slots[slotOf(number)] ?? 0) - 1,
  };
}
