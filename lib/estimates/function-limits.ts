/** Limits of Lambda functions that share work, and when sharing pays. */

/** GET requests per second that S3 serves for a prefix that it has not divided. Each image is one. */
export const S3_GETS = 5500;
/** Work that makes the division into parts worthwhile, in seconds. */
export const SECONDS_WORTH_PARTS = 300;
/** Functions share work only if that costs at most so many times as much as one machine or function. */
export const MOST_COST_RATIO = 2;

/** Lambda's queues add 300 functions a minute. */
const STARTS_PER_SECOND = 5;

/** Seconds for which a function waits on average until it is added. @param functions at once */
export function secondsToAdd(functions: number): number {
  return functions / STARTS_PER_SECOND / 2;
}
