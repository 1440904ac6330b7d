// Viewing of one viewer after another as columns that are used again, so that millions cost no objects (ratings R18).

/** Stretches of viewing, [from, to) in epoch seconds, ordered and disjoint. */
export interface Stretches {
  readonly count: number;
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** Place of the service in the source's names. */
  readonly service: Uint32Array;
  /** Place of the session in its batch. */
  readonly row: Uint32Array;
  clear(): void;
  add(service: number, from: number, to: number, row: number): void;
  /** Moves the end of the last one. */
  extend(to: number): void;
}

export function createStretches(): Stretches {
  let capacity = 64;
  const grown = (): void => {
    capacity *= 2;
    for (const name of ['from', 'to'] as const) {
      const column = new Float64Array(capacity);
      column.set(stretches[name]);
      stretches[name] = column;
    }
    for (const name of ['service', 'row'] as const) {
      const column = new Uint32Array(capacity);
      column.set(stretches[name]);
      stretches[name] = column;
    }
  };
  const stretches = {
    count: 0,
    from: new Float64Array(capacity),
    to: new Float64Array(capacity),
    service: new Uint32Array(capacity),
    row: new Uint32Array(capacity),
    clear(): void {
      stretches.count = 0;
    },
    add(service: number, from: number, to: number, row: number): void {
      if (stretches.count === capacity) grown();
      const at = stretches.count++;
      stretches.service[at] = service;
      stretches.from[at] = from;
      stretches.to[at] = to;
      stretches.row[at] = row;
    },
    extend(to: number): void {
      stretches.to[stretches.count - 1] = to;
    },
  };
  return stretches;
}
