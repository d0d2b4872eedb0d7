import type { ManifestRow, Warning } from '../contracts/dataset.ts';
import { hasSameLabels } from './has-same-labels.ts';
import type { Rows } from './tables/rows.ts';

/** An image whose labels were set after an import, and the row that another import makes of it. */
export interface DifferingLabels {
  readonly set: ManifestRow;
  readonly imported: ManifestRow;
}

/** A warning of labels that have precedence over those of the import. @param images of the import */
export function keptWarning(kept: readonly DifferingLabels[], images: number): Warning[] {
  const [first] = kept;
  if (first === undefined) return [];
  const { set, imported } = first;
  const message =
    `Labels that were set after an import are kept for ${kept.length} of ${images} images, such as ${imported.path} ` +
    `(${textOf(set)}; in this import ${textOf(imported)}). For the labels of this import, import it under another name.`;
  return [{ code: 'LABELS_KEPT', message }];
}

/**
 * A warning of labels over which those of the import have precedence.
 * @param before the version that has them still, as NAME@DIGEST
 */
export function replacedWarning(replaced: readonly DifferingLabels[], images: number, before: string): Warning[] {
  const [first] = replaced;
  if (first === undefined) return [];
  const { set, imported } = first;
  const message =
    `Labels that were set after an import are replaced for ${replaced.length} of ${images} images, such as ` +
    `${imported.path} (${textOf(set)}; now ${textOf(imported)}), because this import names other labels than the last ` +
    `one. The replaced labels are in ${before}.`;
  return [{ code: 'LABELS_REPLACED', message }];
}

/**
 * The images of a version whose labels were set after an import, and which lose them.
 * @param set these images
 * @param rows of the new version
 */
export function findReplaced(set: readonly ManifestRow[], rows: Rows): DifferingLabels[] {
  const byContent = new Map(set.map(({ sha256 }) => [sha256, new Map<string, ManifestRow>()]));
  for (const row of rows) byContent.get(row.sha256)?.set(row.path, row);
  return set.flatMap((before) => {
    const same = byContent.get(before.sha256);
    // Under its own path an image must keep them; under other ones, one copy suffices.
    const own = same?.get(before.path);
    const copies = own === undefined ? [...(same?.values() ?? [])] : [own];
    const [imported] = copies;
    return imported === undefined || copies.some((row) => hasSameLabels(row, before)) ? [] : [{ set: before, imported }];
  });
}

function textOf({ labels, unlabelled }: ManifestRow): string {
  if (unlabelled === true) return 'no label';
  return labels.length === 0 ? 'none of the labels' : labels.join(', ');
}
