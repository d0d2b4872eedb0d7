import type { DatasetMap } from '../contracts/find-images.ts';
import { countClasses } from '../datasets/checks/summarize-rows.ts';
import type { PreparedSpaces } from './prepared-spaces.ts';
import type { VersionView } from './version-view.ts';

/** Steps of a coordinate: more than a screen has pixels. */
const STEPS = 10_000;

/**
 * Maps all images of a version in two dimensions: images that look alike are near each other. The map depends on the
 * images alone, so it stays as it is when labels change. @throws as `PreparedSpaces.find`
 */
export async function mapDataset(view: VersionView, spaces: PreparedSpaces): Promise<DatasetMap> {
  const { dataset, digest, rows, images, store } = view;
  const classes = countClasses(rows);
  const common = { dataset, digest, classes };
  const found = spaces.findMap(images, store);
  if ('progress' in found) return { ...common, state: 'preparing', progress: found.progress, x: [], y: [], labels: [] };
  const { map, rowOf } = found;
  const numberOf = new Map(classes.map(({ label }, number) => [label, number]));
  const rounded = (values: Float32Array) =>
    rows.map(({ sha256 }) => Math.round((values[rowOf.get(sha256) ?? 0] ?? 0) * STEPS) / STEPS);
  return {
    ...common,
    state: 'ready',
    x: rounded(map.x),
    y: rounded(map.y),
    labels: rows.map(({ labels: [label = ''] }) => numberOf.get(label) ?? -1),
  };
}
