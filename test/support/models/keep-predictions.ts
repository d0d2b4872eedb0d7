import { Keeping, type StoredKeeping } from '../../../lib/contracts/keeping.ts';
import { openPredictionKeeper } from '../../../lib/inference/prediction-keeper.ts';
import type { Prediction } from '../../../lib/inference/served-model.ts';
import { resolveModel } from '../../../lib/models/registry.ts';
import type { World } from '../../../lib/ports.ts';
import { randomStream } from '../../../lib/random.ts';

/** Predictions of a request. */
const REQUEST = 32;

/** A setting that keeps everything, with so many slots that every prediction finds one. */
export function keepAll(more: Partial<StoredKeeping> = {}): StoredKeeping {
  return { ...Keeping.parse({ share: 1, perDay: 10_000 }), since: '2030-01-01T00:00:00.000Z', period: 'now', ...more };
}

/** The prediction of one label. */
export function predictionOf(label: string, probability: number, unknownScore?: number): Prediction {
  return {
    image: 'photo.jpg',
    labels: [{ label, probability }],
    abstained: false,
    ...(unknownScore !== undefined && { known: unknownScore <= 1, unknownScore }),
  };
}

/** Keeps predictions of a version as a server does, drawn from a seed. @returns once they are written */
export async function keepPredictions(
  world: Pick<World, 'store' | 'clock' | 'log'>,
  predictions: readonly Prediction[],
  {
    model = 'scored',
    version = 1,
    keeping,
    bytes = () => new Uint8Array(1),
    seed = 1,
  }: {
    readonly model?: string;
    readonly version?: number;
    /** Default: that of the model, or everything. */
    readonly keeping?: StoredKeeping;
    readonly bytes?: (row: number) => Uint8Array;
    readonly seed?: number;
  } = {},
): Promise<void> {
  const own = keeping ?? (await resolveModel(`${model}@${version}`, world.store).catch(() => undefined))?.keeping ?? keepAll();
  const random = randomStream(seed, world.clock.now().toISOString());
  const keeper = openPredictionKeeper(world, { waitMs: 0, draw: random.next });
  for (let start = 0; start < predictions.length; start += REQUEST) {
    const some = predictions.slice(start, start + REQUEST);
    const images = some.map(({ image }, i) => ({ name: image, bytes: bytes(start + i) }));
    await keeper.keep({ model, version, keeping: own, images, predictions: some });
    await keeper.close();
  }
}
