import { z } from 'zod';
import type { ManifestEntry } from '../manifest-entries.ts';

const Coco = z.object({
  images: z.array(z.object({ id: z.union([z.number(), z.string()]), file_name: z.string().min(1) })),
  annotations: z.array(z.object({ image_id: z.union([z.number(), z.string()]), category_id: z.union([z.number(), z.string()]) })),
  categories: z.array(z.object({ id: z.union([z.number(), z.string()]), name: z.string().min(1) })),
});

/**
 * The annotations of COCO (https://cocodataset.org/#format-data), as labels of whole images: all categories that anything in an image
 * has, each once, in order; none where nothing is annotated.
 * @returns undefined where the text is none
 */
export function readCoco(text: string): ManifestEntry[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { success, data } = Coco.safeParse(json);
  if (!success) return undefined;
  const names = new Map(data.categories.map(({ id, name }) => [id, name.normalize('NFC')]));
  const labels = new Map<number | string, Set<string>>();
  for (const { image_id, category_id } of data.annotations) {
    const name = names.get(category_id);
    if (name === undefined) continue;
    const known = labels.get(image_id) ?? new Set();
    labels.set(image_id, known.add(name));
  }
  return data.images.map(({ id, file_name }) => ({
    path: file_name
      .replaceAll('\\', '/')
      .replace(/^(?:\.\/)+/, '')
      .normalize('NFC'),
    labels: { labels: [...(labels.get(id) ?? [])].sort() },
  }));
}
