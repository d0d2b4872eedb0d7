import type { Predictor } from '../../lib/inference/predictor.ts';
import type { Compute, World } from '../../lib/ports.ts';

/** What the routes may use. Chosen once for an entry point: by functions/world.ts in AWS, by functions/local for one machine. */
export interface Services {
  readonly world: World;
  readonly compute: Compute;
  readonly predictor: Predictor;
  /** The bucket's name by which callers name images of the store (`s3://...`); default `graft`, on one machine. */
  readonly ownBucket?: string;
}
