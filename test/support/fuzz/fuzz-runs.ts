// How long a property is tried, and from which seed: the same seed finds the same again.

export interface FuzzRuns {
  numRuns: number;
  seed?: number;
}
