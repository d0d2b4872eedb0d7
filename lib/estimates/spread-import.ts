import type { ImportSpread } from '../contracts/import-spread.ts';
import { CONTENTS_OF_PART } from '../datasets/spread/spread-checks.ts';
import { dollars, roughDuration } from '../format.ts';
import { overheadSeconds } from './extraction-functions.ts';
import { MOST_COST_RATIO, S3_GETS, SECONDS_WORTH_PARTS, secondsToAdd } from './function-limits.ts';
import { functionDollarsPerSecond } from './function-price.ts';
import { lambda } from './machine-speeds.ts';
import { prices } from './prices.ts';

/** The files of an upload. */
export interface ImportLoad {
  readonly files: number;
  readonly bytes: number;
}

/** Uploads of fewer files are never divided: two functions would have no full part each. */
export const LEAST_FILES = 2 * CONTENTS_OF_PART;

/** CPU seconds of one core: for each file, and for each byte of a JPEG with two bits for a pixel. */
const SECONDS_A_FILE = 0.0006;
const SECONDS_A_BYTE = 67e-9;
/** Until S3 has sent a file. */
const SECONDS_A_GET = 0.03;
/** The importing function (3,008 MB) has about one core, and eight files in progress. */
const ALONE = { cores: 1, atOnce: 8, gigabytes: 3008 / 1024 };
/** A function that checks a part has 3.5 cores, and sixteen files in progress. */
const SHARED = { cores: 3.5, atOnce: 16 };
/** To list a file before the parts, and to join its check, label and row after them. */
const SECONDS_TO_LIST = 0.00005;
const SECONDS_TO_JOIN = 0.00015;

/**
 * The Lambda functions that should check the images of an upload: as many as are allowed, have a part to do, and S3
 * serves; if they finish sooner than one function, which would take more than five minutes, and cost at most twice as
 * much.
 * @param most functions at once
 * @returns undefined if one function should import alone
 */
export function spreadImport(load: ImportLoad, most: number): ImportSpread | undefined {
  const { files } = load;
  const alone = secondsOf(load, ALONE);
  const one = secondsOf(load, SHARED);
  const functions = Math.min(most, Math.ceil(files / CONTENTS_OF_PART), Math.floor((S3_GETS * one) / Math.max(files, 1)));
  if (alone < SECONDS_WORTH_PARTS || functions < 2) return undefined;
  const { start } = lambda.rates;
  const around = files * (SECONDS_TO_LIST + SECONDS_TO_JOIN);
  const seconds = around + 2 * start + secondsToAdd(functions) + one / functions;
  const parts = Math.ceil(files / CONTENTS_OF_PART);
  const costAlone = alone * ALONE.gigabytes * prices.lambda.gigabyteSecond;
  const cost =
    (one + overheadSeconds(functions, parts)) * functionDollarsPerSecond +
    around * ALONE.gigabytes * prices.lambda.gigabyteSecond;
  if (seconds >= alone || cost > MOST_COST_RATIO * costAlone) return undefined;
  const reason = `${functions} functions: ${roughDuration(seconds)} and ${dollars(cost)}, against one: ${roughDuration(alone)} and ${dollars(costAlone)}`;
  return { functions, seconds, dollars: cost, reason };
}

/** Seconds of a function that checks all files. */
function secondsOf({ files, bytes }: ImportLoad, { cores, atOnce }: { readonly cores: number; readonly atOnce: number }): number {
  return Math.max((files * SECONDS_A_GET) / atOnce, (files * SECONDS_A_FILE + bytes * SECONDS_A_BYTE) / cores);
}
