/** How much better the best of several trials must be than the default, so that chance seldom explains it. */

/**
 * By how many standard errors the best of several trials must beat the default: as many as make the chance of a false
 * win that of one comparison at one standard error (16%), whatever the number of trials (Šidák, 1967). Trials that share
 * the default's losses differ from each other by less than independent ones, so that the chance is at most this.
 * @param trials number of trials that were compared with the default, from 1
 * @returns 1 for one trial, 2.03 for 8, 2.78 for 64
 */
export function requiredErrors(trials: number): number {
  const share = belowNormal(1) ** (1 / trials);
  let [low, high] = [1, 8];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (belowNormal(middle) < share) low = middle;
    else high = middle;
  }
  return low;
}

/** The share of a standard normal distribution below `z` (Marsaglia, 2004, doi:10.18637/jss.v011.i04). */
function belowNormal(z: number): number {
  let [term, series] = [z, z];
  for (let i = 3; series + term !== series; i += 2) {
    term *= (z * z) / i;
    series += term;
  }
  return 0.5 + (series * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}
