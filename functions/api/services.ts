import type { Predictor } from '../../lib/inference/predictor.ts';
import type { Compute, World } from '../../lib/ports.ts';

/** What the routes use. An entry point chooses it once: functions/world.ts in AWS, functions/local on one machine. */
export interface Services {
  readonly world: World;
  readonly compute: Compute;
  readonly predictor: Predictor;
  /** The name of the bucket in addresses of the store's images (`s3://...`); default `graft`, on one machine. */
  readonly ownBucket?: string;
}
