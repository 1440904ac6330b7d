// Time in pieces that tell of nobody alone: what is published is a sum of whole pieces (ratings R14).
//
// Leaving out small cells is not enough: what is left out is had again by subtracting what is shown from a longer time, by any
// breakdown, in any request. So one partition underlies them all. A block that few people watched is joined with its
// neighbours until the piece has a block that enough did; a cell is shown if its time begins and ends where pieces do. Then
// whatever is added and subtracted is a sum of whole pieces, each of enough people ("statistical disclosure control"; the
// threshold rule of Hundepool et al., 2012, with global recoding of time in place of secondary suppression).

/** [from, to) in epoch seconds, one after the other without holes, and how many people watched, by group. */
export interface Block {
  from: number;
  to: number;
  viewers: readonly number[];
}

export interface Atom {
  from: number;
  to: number;
  /** Too few people watched for any piece of it to be shown, and for what it is a part of. */
  isClosed: boolean;
}

/**
 * Joins blocks, in order. A block in which nobody watched tells of nobody and stays alone, unless it lies between what is
 * joined. `whole` counts the people of all blocks together: more than in any one of them, since not everybody watches them all.
 */
export function joinSmall(blocks: readonly Block[], whole: readonly number[], least: number): Atom[] {
  const atoms: Atom[] = [];
  let pending: Block[] = [];
  let last: number | undefined; // the last atom in which enough people watched
  for (const block of blocks) {
    if (pending.length === 0 && block.viewers.every((viewers) => viewers === 0)) {
      atoms.push({ from: block.from, to: block.to, isClosed: false });
      continue;
    }
    pending.push(block);
    if (!isEnough(mostOf(pending), least)) continue;
    last = atoms.push({ from: (pending[0] as Block).from, to: block.to, isClosed: false }) - 1;
    pending = [];
  }
  const end = pending.at(-1)?.to;
  if (end === undefined) return atoms;
  if (last !== undefined) return [...atoms.slice(0, last), { ...(atoms[last] as Atom), to: end }];
  return [{ from: (blocks[0] as Block).from, to: end, isClosed: !isEnough(whole, least) }];
}

/** Whether each group has enough people or nobody. */
const isEnough = (viewers: readonly number[], least: number): boolean =>
  viewers.every((count) => count === 0 || count >= least);

/** At least so many people watched in all of these together, by group. */
function mostOf(blocks: readonly Block[]): number[] {
  const most = [...(blocks[0] as Block).viewers];
  for (const { viewers } of blocks) {
    for (const [group, count] of viewers.entries()) most[group] = Math.max(most[group] as number, count);
  }
  return most;
}

/** Whether [from, to) is a sum of whole atoms, ordered, none of them closed. Time outside them is nobody's to see. */
export function isSumOf(atoms: readonly Atom[], from: number, to: number): boolean {
  let place = firstEndingAfter(atoms, from);
  if (atoms[place]?.from !== from) return false;
  let at = from;
  for (; at < to; place++) {
    const atom = atoms[place];
    if (atom === undefined || atom.from !== at || atom.isClosed) return false;
    at = atom.to;
  }
  return at === to;
}

function firstEndingAfter(atoms: readonly Atom[], at: number): number {
  let [low, high] = [0, atoms.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((atoms[middle] as Atom).to <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
