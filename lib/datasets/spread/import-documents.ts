import { z } from 'zod';
import { partKeys } from '../../store/parts/part-keys.ts';
import { storeKeys } from '../../store/store-keys.ts';
import { RULES } from '../checks/image-checks.ts';

/** The division of an upload's contents into parts. Written once, so that all functions divide them in the same way. */
export const ImportPlan = z.strictObject({
  /** Key of the list of contents. */
  list: z.string(),
  contents: z.int().min(1),
  /** Contents of each part but the last. */
  contentsOfPart: z.int().min(1),
  parts: z.int().min(1),
  /** The most parts in progress at once: the number of chains (lib/store/parts/part-chains.ts). */
  functions: z.int().min(1),
});
export type ImportPlan = z.infer<typeof ImportPlan>;

/** Plans are named by their keys, which `importOf` returns. */
export const importPlanDocument = { schema: ImportPlan, key: (key: string): string => key };

/** Returns the keys of an import that functions share. */
export function importOf(upload: string) {
  const keys = partKeys(`${storeKeys.imports.prefix}${upload}/`);
  const { prefix } = keys;
  return {
    ...keys,
    list: (sha256: string) => `${prefix}contents/${sha256}`,
    /** The checks of a segment of a part. A version with other rules does not find them. */
    checks: (part: number, segment: number) => `${prefix}found/${RULES}/${part}-${segment}.json`,
    /** Exists if the import was sent to the function that joins the parts. */
    joined: `${prefix}joined`,
  };
}
