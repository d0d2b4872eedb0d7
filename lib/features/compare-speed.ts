import { z } from 'zod';
import { median } from '../arithmetic.ts';
import { closeOnFailure } from '../close-on-failure.ts';
import { runAtOnce } from '../onnx/run-images.ts';
import { openTrunkSession, trunkBatch } from './open-trunk-session.ts';
import type { Trunk } from './trunk.ts';

/** A trial takes as many rounds as it needs for a stable median, or as fit into these seconds. */
const MOST_ROUNDS = 15;
const FEWEST_ROUNDS = 3;
const MOST_SECONDS = 4;

/** The speed of a trunk in two precisions on this machine. */
export const TrunkSpeeds = z.strictObject({
  /** Images a second, in batches of the computation of features: medians. */
  float32: z.number().gt(0),
  int8: z.number().gt(0),
  /** Time of float32 over that of int8: the median of the rounds. Above 1, int8 is faster. */
  ratio: z.number().gt(0),
});
export type TrunkSpeeds = z.infer<typeof TrunkSpeeds>;

/**
 * Times a trunk in float32 and in int8 in turns, as the computation of features runs them, so that other work on the
 * machine slows down both.
 * @param pixels images to run: float32 [height, width, 3] each, at least one
 * @throws the signal's reason if aborted; as openTrunkSession
 */
export async function compareSpeed(
  float32: Trunk,
  int8: Trunk,
  pixels: readonly Float32Array[],
  signal: AbortSignal,
): Promise<TrunkSpeeds> {
  const count = trunkBatch(float32.inputSize);
  const batch = Array.from({ length: count }, (_, i) => pixels[i % pixels.length]).filter((image) => image !== undefined);
  const first = await openTrunkSession(float32);
  const second = await closeOnFailure(first, () => openTrunkSession(int8));
  const time = async (session: typeof first): Promise<number> => {
    const start = performance.now();
    await runAtOnce(session, batch, float32.inputSize);
    return (performance.now() - start) / 1000;
  };
  const rounds: { readonly float32: number; readonly int8: number }[] = [];
  try {
    // The first run of each warms up.
    await time(first);
    await time(second);
    const start = performance.now();
    const mayContinue = () => rounds.length < FEWEST_ROUNDS || performance.now() - start < MOST_SECONDS * 1000;
    while (rounds.length < MOST_ROUNDS && mayContinue()) {
      signal.throwIfAborted();
      rounds.push({ float32: await time(first), int8: await time(second) });
    }
  } finally {
    await first.close();
    await second.close();
  }
  return {
    float32: count / median(rounds.map((round) => round.float32)),
    int8: count / median(rounds.map((round) => round.int8)),
    ratio: median(rounds.map((round) => round.float32 / round.int8)),
  };
}
