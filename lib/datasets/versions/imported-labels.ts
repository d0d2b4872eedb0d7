import type { ManifestRow } from '../../contracts/dataset.ts';
import type { StoredOrigin } from './report-store.ts';

/**
 * The labels of an image in the last import that named labels for it, whatever was set since.
 * @param row of a version
 * @param origin of its labels in this version; undefined for the labels of an import
 * @returns null if no import named any; undefined if unknown, because an earlier release of Graft stored the origin
 */
export function importedLabels(
  { labels, unlabelled }: Pick<ManifestRow, 'labels' | 'unlabelled'>,
  origin: StoredOrigin | undefined,
): readonly string[] | null | undefined {
  const isOfImport = origin === undefined || origin.before === null;
  if (!isOfImport) return origin.imported;
  return unlabelled === true ? null : labels;
}
