// The formulas of R2, each in one place. `undefined` is "not available": its divisor is 0, never NaN or infinity.
// Definitions: Barb, "Glossary"; OzTAM, "Definitions"; Nielsen, "TV audience terms": the same formulas by other names. d seconds
// are viewer-seconds, w-weighted; U is the sum of weights of the universe.

const over = (dividend: number, divisor: number): number | undefined => (divisor > 0 ? dividend / divisor : undefined);
const percent = (part: number | undefined, whole: number): number | undefined =>
  part === undefined ? undefined : over(100 * part, whole);

/** AMR, "average audience": people who watched at an average second: d / |W|. */
export const averageAudience = (viewerSeconds: number, lengthS: number) => over(viewerSeconds, lengthS);

/** TVR, "rating": the average audience in percent of the universe. */
export const rating = (amr: number | undefined, universe: number) => percent(amr, universe);

/** PUT or HUT, "people using television": the average audience of any service in percent of the universe. */
export const totalViewing = (anySeconds: number, lengthS: number, universe: number) =>
  percent(averageAudience(anySeconds, lengthS), universe);

/** Share: of all viewing in the same time, the percentage that was the target's. */
export const share = (viewerSeconds: number, anySeconds: number) => over(100 * viewerSeconds, anySeconds);

/** Reach, "cume", in percent of the universe. */
export const reachPercent = (reach: number, universe: number) => over(100 * reach, universe);

/** ATV of those who were reached, in seconds. */
export const secondsPerViewer = (viewerSeconds: number, reach: number) => over(viewerSeconds, reach);

/** ATV of everybody, in seconds. */
export const secondsPerHead = (viewerSeconds: number, universe: number) => over(viewerSeconds, universe);

/** How much of the target those who were reached watched: AMR / reach. */
export const completeness = (amr: number | undefined, reach: number) =>
  amr === undefined ? undefined : over(amr, reach);

/** GRP, "gross rating points": the sum of ratings of each broadcast. A broadcast of no length rates 0. */
export const grossRatingPoints = (
  broadcasts: Iterable<{ viewerSeconds: number; lengthS: number }>,
  universe: number,
): number | undefined => {
  let sum = 0;
  for (const { viewerSeconds, lengthS } of broadcasts) sum += averageAudience(viewerSeconds, lengthS) ?? 0;
  return rating(sum, universe);
};

/** OTS, "average frequency": how many broadcasts whoever was reached saw on average: GRP / reach %. */
export const averageFrequency = (grp: number | undefined, reachedPercent: number | undefined) =>
  grp === undefined || reachedPercent === undefined ? undefined : over(grp, reachedPercent);

/** Profile: what percentage of the target's audience is of the group. */
export const profile = (groupAmr: number | undefined, amr: number | undefined) =>
  amr === undefined ? undefined : percent(groupAmr, amr);

/** Index, "affinity": the group's rating to everybody's, 100 being the same. */
export const affinity = (groupRating: number | undefined, ratingOfAll: number | undefined) =>
  ratingOfAll === undefined ? undefined : percent(groupRating, ratingOfAll);

/**
 * The standard error of a percentage, in points: sqrt(p(1 - p) / n), n being the effective sample (Σw)²/Σw² (Kish, "Survey
 * Sampling", 1965, 11.7). An average of many looks at the same people is surer than one look: for a rating it is an upper bound.
 */
export const samplingError = (percentage: number | undefined, effectiveSize: number): number | undefined => {
  if (percentage === undefined || !(effectiveSize > 0)) return undefined;
  const p = Math.min(1, Math.max(0, percentage / 100));
  return 100 * Math.sqrt((p * (1 - p)) / effectiveSize);
};
