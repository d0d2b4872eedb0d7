import { posix } from 'node:path';
import { z } from 'zod';
import { partOfFile } from '../../contracts/split-names.ts';
import { type Export, exportOf } from './export.ts';

const Datumaro = z.object({
  categories: z.object({ label: z.object({ labels: z.array(z.object({ name: z.string() })) }) }),
  items: z.array(
    z.object({
      id: z.string(),
      annotations: z.array(z.object({ type: z.string(), label_id: z.number().int().nullish() })),
      image: z.object({ path: z.string().optional() }).nullish(),
      media: z.object({ path: z.string().optional() }).nullish(),
    }),
  ),
});

/**
 * Reads Datumaro's JSON (https://docs.cvat.ai/docs/dataset_management/formats/format-datumaro/), one file per subset:
 * the labels of images; without them, the labels of all shapes in an image.
 * @returns undefined if the file is not Datumaro
 */
export function readDatumaro(name: string, json: unknown): Export | undefined {
  const { success, data } = Datumaro.safeParse(json);
  if (!success) return undefined;
  const names = data.categories.label.labels.map((label) => label.name);
  const ofRegions = !data.items.some(({ annotations }) => annotations.some(({ type }) => type === 'label'));
  const part = partOfFile(posix.basename(name));
  const images = data.items.map(({ id, annotations, image, media }) => {
    const ids = annotations.filter(({ type }) => ofRegions || type === 'label').flatMap(({ label_id }) => label_id ?? []);
    const unknown = ids.find((label) => names[label] === undefined);
    return {
      at: name,
      // Older versions write no path where the images are not part of the export.
      path: image?.path || media?.path || id,
      labels: ids.flatMap((label) => names[label] ?? []),
      unknown: unknown === undefined ? undefined : `label ${unknown}`,
      part,
    };
  });
  const hasLabels = data.items.some(({ annotations }) => annotations.some(({ label_id }) => typeof label_id === 'number'));
  return exportOf('Datumaro', images, { ofRegions: ofRegions && hasLabels });
}
