import type { DatasetReport, SplitPart } from '../../contracts/dataset.ts';
import { byText } from '../tables/order.ts';
import type { Rows } from '../tables/rows.ts';

export type ClassCounts = DatasetReport['classes'];

/** The number of images of each label. */
export function countClasses(rows: Iterable<{ readonly labels: readonly string[] }>): ClassCounts {
  const counts = new Map<string, number>();
  for (const { labels } of rows) for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([label, images]) => ({ label, images })).sort((a, b) => byText(a.label, b.label));
}

/**
 * Single-label if every labelled image has one label; multi-label if any of them has several labels or none. Images
 * without a label do not count.
 */
export function taskOfRows(
  rows: Iterable<{ readonly labels: readonly string[]; readonly unlabelled?: true | undefined }>,
): DatasetReport['task'] {
  for (const { labels, unlabelled } of rows) if (unlabelled !== true && labels.length !== 1) return 'multi-label';
  return 'single-label';
}

/** Number of images without a label. */
export function countUnlabelled(rows: Rows): number {
  let count = 0;
  for (const { unlabelled } of rows) if (unlabelled === true) count++;
  return count;
}

/** In pixels. */
export function measureImageSizes(rows: Rows): DatasetReport['sizes'] {
  const widths = new Uint32Array(rows.length);
  const heights = new Uint32Array(rows.length);
  let number = 0;
  for (const { width, height } of rows) {
    widths[number] = width;
    heights[number++] = height;
  }
  return { width: spread(widths), height: spread(heights) };
}

function spread(values: Uint32Array): DatasetReport['sizes']['width'] {
  const sorted = values.sort();
  return { smallest: sorted[0] ?? 0, median: sorted[sorted.length >> 1] ?? 0, largest: sorted.at(-1) ?? 0 };
}

/** Number of labelled images that the manifest assigns to each set; undefined if it assigns none. */
export function countAssigned(rows: Rows): DatasetReport['split'] {
  const counts: Record<SplitPart, number> = { train: 0, validation: 0, test: 0 };
  let given = false;
  for (const { split, unlabelled } of rows) {
    if (split === undefined || unlabelled === true) continue;
    counts[split]++;
    given = true;
  }
  return given ? counts : undefined;
}
