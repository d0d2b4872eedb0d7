import { groupRelated } from '../duplicates/clusters.ts';
import { type Rows, rowsFrom } from '../tables/rows.ts';

/** The share of the images without a label that become test images. */
export const POOL_TEST_SHARE = 0.2;
/** Digits of a SHA-256 that are read as a number. */
const DIGITS = 8;

/**
 * Assigns the images that wait for a label to the training or the test set, unless the manifest did. That happens before
 * anything suggests labels or chooses images, so the test images stay a random sample of the pool. The draw depends only
 * on the SHA-256 of an image. Related images (equal bytes, the same picture, one group) follow the smallest SHA-256 among
 * them, and so stay in one set.
 */
export function assignPool(rows: Rows): Rows {
  if (!rows.map(isOpen).includes(true)) return rows;
  const isTest = new Uint8Array(rows.length);
  const groups = groupRelated(rows).sets();
  for (let group = 0; group < groups.length; group++) {
    const members = groups.at(group);
    let smallest = 'g';
    for (const row of members) {
      const { sha256 = smallest } = rows.at(row) ?? {};
      if (sha256 < smallest) smallest = sha256;
    }
    if (isDrawn(smallest)) for (const row of members) isTest[row] = 1;
  }
  return rowsFrom(rows.length, (number) => {
    const row = rows.at(number);
    return row !== undefined && isOpen(row) ? { ...row, split: isTest[number] === 1 ? 'test' : 'train' } : row;
  });
}

/** Whether a content is among the share that is drawn. */
function isDrawn(sha256: string): boolean {
  return Number.parseInt(sha256.slice(0, DIGITS), 16) < POOL_TEST_SHARE * 16 ** DIGITS;
}

function isOpen({ unlabelled, split }: { readonly unlabelled?: true | undefined; readonly split?: unknown }): boolean {
  return unlabelled === true && split === undefined;
}
