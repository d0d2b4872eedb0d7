/** What bounds Lambda functions that share work, and when it is worthwhile to share it. */

/** GET requests per second that S3 serves for a prefix that it has not divided. Each image is one. */
export const S3_GETS = 5500;
/** Work that makes the division into parts worthwhile, in seconds. */
export const SECONDS_WORTH_PARTS = 300;
/** A sooner end is worth at most so many times the cost. */
export const WORTH = 2;

/** Lambda's queues add 300 functions a minute. */
const STARTS_PER_SECOND = 5;

/** Seconds for which a function waits on average until it is added. @param functions at once */
export function secondsToAdd(functions: number): number {
  return functions / STARTS_PER_SECOND / 2;
}
