import { z } from 'zod';
import { partOfFile } from '../../contracts/split-names.ts';
import { type Export, exportOf } from './export.ts';

/** Some tools write a number in one list and its text in another. */
const Id = z.union([z.number(), z.string()]).transform(String);
const Coco = z.object({
  images: z.array(z.object({ id: Id, file_name: z.string().min(1) })),
  annotations: z.array(
    z.object({ image_id: Id, category_id: Id, bbox: z.unknown().optional(), segmentation: z.unknown().optional() }),
  ),
  categories: z.array(z.object({ id: Id, name: z.string().min(1) })),
});

/**
 * Reads the annotations of COCO (https://cocodataset.org/#format-data) as labels of whole images: all categories in an
 * image, without duplicates, in order. If the file marks regions, an image without one has no label; otherwise it is not
 * labelled yet. A file such as `instances_val2017.json` assigns its images to that set.
 * @returns undefined if the file is not COCO
 */
export function readCoco(name: string, json: unknown): Export | undefined {
  const { success, data } = Coco.safeParse(json);
  if (!success) return undefined;
  const names = new Map(data.categories.map((category) => [category.id, category.name]));
  const labels = new Map<string, string[]>();
  const unknown = new Map<string, string>();
  for (const { image_id, category_id } of data.annotations) {
    const label = names.get(category_id);
    if (label === undefined) {
      unknown.set(image_id, `category ${category_id}`);
      continue;
    }
    const known = labels.get(image_id);
    if (known === undefined) labels.set(image_id, [label]);
    else if (known.at(-1) !== label) known.push(label);
  }
  const part = partOfFile(name);
  const images = data.images.map(({ id, file_name }) => ({
    at: name,
    path: file_name,
    labels: labels.get(id) ?? [],
    unknown: unknown.get(id),
    part,
  }));
  const listed = new Set(data.images.map(({ id }) => id));
  const unused = data.annotations.filter(({ image_id }) => !listed.has(image_id)).length;
  const ofRegions = data.annotations.some(({ bbox, segmentation }) => isMarked(bbox) || isMarked(segmentation));
  return { ...exportOf('COCO', images, { ofRegions }), unused };
}

/** Whether a box, a list of polygons, or a run-length encoded mask marks something. */
function isMarked(region: unknown): boolean {
  return typeof region === 'object' && region !== null && Object.keys(region).length > 0;
}
