import type { BackboneSpec } from '../../lib/contracts/job-spec.ts';
import { writeShard } from '../../lib/features/feature-shard.ts';
import type { TrunkEnd } from '../../lib/features/trunk.ts';
import { featuresPrefix } from '../../lib/features/trunk-keys.ts';
import { exportedTrunkKey, namesOfCatalogue } from '../../lib/features/trunk-names.ts';
import type { ObjectStore } from '../../lib/ports.ts';
import { shaOf } from './datasets/put-dataset.ts';

/** Numbers of images whose features are in one shard. Default: of squeezed images, by the processor `cpu`. */
export interface ShardOfImages {
  readonly images: readonly number[];
  readonly crops?: boolean;
  readonly processor?: string;
}

/** Stores shards of features of images that `shaOf` numbers, by a backbone without weights. */
export async function putFeatures(
  { backbone, end }: { readonly backbone: BackboneSpec; readonly end: TrunkEnd },
  shards: readonly ShardOfImages[],
  store: ObjectStore,
): Promise<void> {
  for (const [i, { images, crops = false, processor = 'cpu' }] of shards.entries()) {
    const key = exportedTrunkKey(namesOfCatalogue(backbone, 'none', end), { crops });
    const data = new Float32Array(images.length);
    const shard = writeShard({ shape: [1], images: images.map(shaOf), processor, data });
    await store.put(`${featuresPrefix(key, 'cpu')}${`${i}`.padStart(64, '0')}`, shard);
  }
}
