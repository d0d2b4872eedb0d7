import { lambda } from './machine-speeds.ts';
import { prices } from './prices.ts';

/** US dollars per second of a Lambda function of the largest size. */
export const functionDollarsPerSecond =
  (lambda.memory / 2 ** 30) * (prices.lambda.gigabyteSecond + prices.lambda.storageGigabyteSecond);
