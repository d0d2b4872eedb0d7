import { createHash } from 'node:crypto';
import type { SplitPart } from '../../contracts/dataset.ts';
import { groupRelated } from '../duplicates/clusters.ts';
import { type Rows, rowsFrom } from '../tables/rows.ts';

/** The share of the images without a label that become test images. */
export const POOL_TEST_SHARE = 0.2;
/** Digits of a SHA-256 that are read as a number. */
const DIGITS = 8;

/**
 * Assigns the images without a label (the pool) to the training or the test set, unless they have a set already. That
 * happens before anything suggests labels or chooses images, so the test images stay a random sample of the pool. The draw
 * depends only on the SHA-256 of the images. Related images (equal bytes, the same picture, one group) stay in one set: one
 * draw decides for all of them. If one of them already has a set or a label, nothing is drawn: all of them that lack a set
 * get that set, or become training images.
 * @param isNew false if no image may become a test image
 */
export function assignPool(rows: Rows, { isNew = true }: { readonly isNew?: boolean } = {}): Rows {
  if (!rows.map(isOpen).includes(true)) return rows;
  const assigned = new Map<number, SplitPart>();
  const groups = groupRelated(rows).sets();
  for (let group = 0; group < groups.length; group++) {
    const members = [...groups.at(group)];
    const own = members.flatMap((number) => rows.at(number) ?? []);
    if (!own.some(isOpen)) continue;
    const part = knownPart(own) ?? (isNew && isDrawn(hashOf(own)) ? 'test' : 'train');
    for (const [i, number] of members.entries()) if (own[i]?.split === undefined) assigned.set(number, part);
  }
  return rowsFrom(rows.length, (number) => {
    const row = rows.at(number);
    const split = assigned.get(number);
    return row === undefined || split === undefined ? row : { ...row, split };
  });
}

interface PoolRow {
  readonly sha256: string;
  readonly unlabelled?: true | undefined;
  readonly split?: SplitPart | undefined;
}

/** The set of a labelled image of a group, else of any image of it; a group with a label and without a set trains. */
function knownPart(group: readonly PoolRow[]): SplitPart | undefined {
  const labelled = group.filter(({ unlabelled }) => unlabelled !== true);
  const given = [...labelled, ...group].find(({ split }) => split !== undefined)?.split;
  return given ?? (labelled.length > 0 ? 'train' : undefined);
}

/**
 * The hash that decides about a group: its SHA-256 if it has one content. Of several, the smallest is smaller the more there
 * are, so it is hashed once more: every group is drawn with the same probability.
 */
function hashOf(group: readonly PoolRow[]): string {
  const [smallest = '', ...others] = [...new Set(group.map(({ sha256 }) => sha256))].sort();
  return others.length === 0 ? smallest : createHash('sha256').update(smallest).digest('hex');
}

/** Whether a content is among the share that is drawn. */
function isDrawn(sha256: string): boolean {
  return Number.parseInt(sha256.slice(0, DIGITS), 16) < POOL_TEST_SHARE * 16 ** DIGITS;
}

function isOpen({ unlabelled, split }: Pick<PoolRow, 'unlabelled' | 'split'>): boolean {
  return unlabelled === true && split === undefined;
}
