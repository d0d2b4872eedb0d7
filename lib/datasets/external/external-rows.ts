import type { RefusedFile } from '../../contracts/dataset.ts';
import { imageTable } from '../checks/image-table.ts';
import type { Labelling } from '../labels/labelling.ts';
import type { FileTable } from '../tables/file-table.ts';
import { byText } from '../tables/order.ts';
import { type Rows, rowsFrom } from '../tables/rows.ts';
import type { LocatedUpload } from './locate-objects.ts';

export interface ExternalRows {
  /** The usable images, by path. */
  readonly rows: Rows;
  readonly refused: readonly RefusedFile[];
  /** The other files, which were sent. */
  readonly sent: FileTable;
}

/**
 * Labels the external images, which were checked when they were found.
 * @param files external and sent files
 */
export async function labelExternal(located: LocatedUpload, files: FileTable, labelling: Labelling): Promise<ExternalRows> {
  const images = imageTable(files);
  const isExternal = new Uint8Array(files.length);
  const manifests = new Set(labelling.manifests);
  const refused = [...located.refused];
  for await (const { path, sha256, check } of located.files()) {
    const file = files.find(path);
    // Another file has the name, or this file was found before.
    if (file === undefined || files.sha256(file) !== sha256 || isExternal[file] === 1) continue;
    isExternal[file] = 1;
    if (manifests.has(file)) continue;
    const labels = labelling.of(file);
    if ('code' in check) refused.push({ path, ...check });
    else if ('code' in labels) refused.push({ path, ...labels });
    else images.add(file, check, labels);
  }
  function* contents() {
    for (const content of files.contents()) {
      const sent = content.files.filter((file) => isExternal[file] === 0);
      if (sent.length > 0) yield { ...content, files: sent };
    }
  }
  return { rows: images.rows(), refused, sent: { ...files, contents } };
}

/** Merges the rows of two tables by path. */
export function mergeRows(a: Rows, b: Rows): Rows {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const order = new Uint32Array(a.length + b.length);
  for (let index = 0, i = 0, j = 0; index < order.length; index++) {
    const [ofA, ofB] = [a.at(i), b.at(j)];
    const takesA = ofB === undefined || (ofA !== undefined && byText(ofA.path, ofB.path) <= 0);
    order[index] = takesA ? i++ : a.length + j++;
  }
  return rowsFrom(order.length, (row) => {
    const at = order[row] ?? 0;
    return at < a.length ? a.at(at) : b.at(at - a.length);
  });
}
