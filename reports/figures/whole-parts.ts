// Parts that were watched from end to end, many at a time: the minutes of a service, above all (ratings R2, R18).

/**
 * For parts that don't overlap, each all that its target has: nobody who watched one whole has more of its target, so that people
 * and weights are all there is to know. A run of parts costs the same however many it has.
 */
export interface WholeParts {
  /** One person of a group watched parts [first, end). */
  add(group: number, first: number, end: number, weight: number): void;
  /** Tells who watched each part, and forgets it. */
  drain(tell: (part: number, group: number, people: number, weight: number) => void): void;
}

export function createWholeParts(count: number): WholeParts {
  // By group: by how much what watches a part differs from what watches the one before.
  const rises: { people: Float64Array; weight: Float64Array }[] = [];
  return {
    add(group, first, end, weight) {
      rises[group] ??= { people: new Float64Array(count + 1), weight: new Float64Array(count + 1) };
      const rise = rises[group];
      rise.people[first] = (rise.people[first] as number) + 1;
      rise.people[end] = (rise.people[end] as number) - 1;
      rise.weight[first] = (rise.weight[first] as number) + weight;
      rise.weight[end] = (rise.weight[end] as number) - weight;
    },
    drain(tell) {
      rises.forEach((rise, group) => {
        let [people, weight] = [0, 0];
        for (let part = 0; part < count; part++) {
          people += rise.people[part] as number;
          weight += rise.weight[part] as number;
          if (people > 0) tell(part, group, people, weight);
        }
      });
      rises.length = 0;
    },
  };
}
