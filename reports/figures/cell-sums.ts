// What the cells of a tally gather from one viewer after another: seconds and reach (ratings R2, R18).

/** Who counts as reached: `kSeconds` or more, in one run or in all; at least one second always. */
export interface Reach {
  kSeconds: number;
  kind: 'consecutive' | 'cumulative';
}

/** A cell's sums. Seconds and reach are weighted; viewers (with a second or more) and reached are people. */
export interface CellSum {
  viewerSeconds: number;
  viewers: number;
  reached: number;
  reach: number;
}

export interface CellSums {
  /** Makes room for cells below `count`. */
  grow(count: number): void;
  /** Viewing of the present viewer in a cell; it comes in order of time. A run goes on where the last one ended. */
  add(cell: number, from: number, to: number, weight: number): void;
  /** `people`, of a weight in all, who watched a cell for `length` seconds in one run each, and nothing else of it. */
  addWhole(cell: number, length: number, people: number, weight: number): void;
  /** Ends the present viewer. `see` is told each cell that he watched, and whether he counts as reached. */
  endViewer(weight: number, see?: (cell: number, isReached: boolean) => void): void;
  read(cell: number): CellSum;
}

/** Memory grows with cells, never with viewers: the present viewer's sums are in the cells. */
export function createCellSums(reach: Reach): CellSums {
  const least = Math.max(1, reach.kSeconds); // reach(0) is whoever watched at all
  const isConsecutive = reach.kind === 'consecutive';
  let size = 0;
  const column = (): Float64Array => new Float64Array(size);
  let [viewerSeconds, viewers, reached, reachWeight] = [column(), column(), column(), column()];
  let [seconds, run, longest, runEnd] = [column(), column(), column(), column()];
  let touched = new Int32Array(64);
  let touchedCount = 0;
  const longer = (old: Float64Array): Float64Array => {
    const grown = column();
    grown.set(old);
    return grown;
  };
  const touch = (cell: number): void => {
    if (touchedCount === touched.length) {
      const more = new Int32Array(touchedCount * 2);
      more.set(touched);
      touched = more;
    }
    touched[touchedCount++] = cell;
  };
  return {
    grow(count) {
      if (count <= size) return;
      size = size === 0 ? count : Math.max(count, size * 2);
      [viewerSeconds, viewers] = [longer(viewerSeconds), longer(viewers)];
      [reached, reachWeight] = [longer(reached), longer(reachWeight)];
      [seconds, run, longest, runEnd] = [longer(seconds), longer(run), longer(longest), longer(runEnd)];
    },
    add(cell, from, to, weight) {
      const length = to - from;
      const before = seconds[cell] as number;
      if (before === 0) touch(cell);
      seconds[cell] = before + length;
      if (isConsecutive) {
        const now = before > 0 && runEnd[cell] === from ? (run[cell] as number) + length : length;
        run[cell] = now;
        runEnd[cell] = to;
        if (before === 0 || now > (longest[cell] as number)) longest[cell] = now;
      }
      viewerSeconds[cell] = (viewerSeconds[cell] as number) + weight * length;
    },
    addWhole(cell, length, people, weight) {
      viewerSeconds[cell] = (viewerSeconds[cell] as number) + weight * length;
      viewers[cell] = (viewers[cell] as number) + people;
      if (length < least) return;
      reached[cell] = (reached[cell] as number) + people;
      reachWeight[cell] = (reachWeight[cell] as number) + weight;
    },
    endViewer(weight, see) {
      for (let place = 0; place < touchedCount; place++) {
        const cell = touched[place] as number;
        const isReached = ((isConsecutive ? longest[cell] : seconds[cell]) as number) >= least;
        viewers[cell] = (viewers[cell] as number) + 1;
        if (isReached) {
          reached[cell] = (reached[cell] as number) + 1;
          reachWeight[cell] = (reachWeight[cell] as number) + weight;
        }
        seconds[cell] = 0;
        see?.(cell, isReached);
      }
      touchedCount = 0;
    },
    read: (cell) => ({
      viewerSeconds: viewerSeconds[cell] ?? 0,
      viewers: viewers[cell] ?? 0,
      reached: reached[cell] ?? 0,
      reach: reachWeight[cell] ?? 0,
    }),
  };
}
