import type { DatasetReport } from '../contracts/dataset.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import { IMAGES_OF_PART } from '../features/feature-shard.ts';
import { firstPassSeconds, staysAtTop } from './first-pass.ts';
import { S3_GETS } from './function-limits.ts';
import { functionDollarsPerSecond } from './function-price.ts';
import { lambda } from './machine-speeds.ts';
import { prices } from './prices.ts';

/** The Lambda functions that may extract the features of a job. */
export interface FunctionOption {
  /** The most at once. */
  readonly most: number;
  /** Of all features in one function, at the upper end. */
  readonly seconds: number;
}

/** Images that one function can list within its time. */
const MOST_LISTED = 3_000_000;
/** The slowest function: one that stores a shard within a third of its time. */
const LEAST_IMAGES_PER_SECOND = 5;
/** Records of a part: its calls, what is done, its messages. */
const PUTS_A_PART = 6;

/** The functions that a deployment may use for a job. @param most at once; undefined if there are none */
export function functionOption(spec: JobSpec, report: DatasetReport, most: number | undefined): FunctionOption | undefined {
  if (most === undefined || !staysAtTop(spec)) return undefined;
  return { most, seconds: firstPassSeconds(spec, report, lambda) };
}

/**
 * The number of functions that share an extraction: as many as are allowed, as have a part to do, and as S3 serves.
 * @returns 1 if no functions should
 */
export function countFunctions(images: number, { most, seconds }: FunctionOption): number {
  const imagesPerSecond = (images * lambda.margin) / Math.max(seconds, 1);
  if (images > MOST_LISTED || imagesPerSecond < LEAST_IMAGES_PER_SECOND) return 1;
  return Math.max(1, Math.min(most, Math.ceil(images / IMAGES_OF_PART), Math.floor(S3_GETS / imagesPerSecond)));
}

/** What an extraction costs besides its calls, in seconds of a function: starts, and the records of its parts. */
export function overheadSeconds(functions: number, parts: number): number {
  return functions * lambda.rates.start + (parts * PUTS_A_PART * prices.s3.put) / functionDollarsPerSecond;
}
