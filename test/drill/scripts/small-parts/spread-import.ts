import type { ImportSpread } from '../../../../lib/contracts/import-spread.ts';

export const LEAST_FILES = 2;

/** All functions share each import. */
export const spreadImport = (_: object, most: number): ImportSpread => ({
  functions: most,
  seconds: 1,
  dollars: 0,
  reason: 'a test',
});
