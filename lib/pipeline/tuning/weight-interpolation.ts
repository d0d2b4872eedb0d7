/** Weight interpolation after a fine-tuning (WiSE-FT). */
import { round } from '../../arithmetic.ts';
import { evidenceKeys } from '../../contracts/strategy-evidence.ts';
import type { EngineNetwork } from '../../training/engine.ts';
import type { Examples } from '../../training/examples.ts';
import { chooseInterpolation, type Interpolation } from '../../training/interpolate-weights.ts';
import type { Snapshot } from '../../training/snapshot.ts';
import { comparedImages } from '../comparisons/compared-images.ts';
import { lossOf, type TrainingContext } from '../training-context.ts';

/**
 * Sets a network's weights to the best interpolation between the weights before a fine-tuning and the current ones.
 */
export async function interpolateTail(
  network: EngineNetwork,
  { before, canKeepFrozen }: { readonly before: Snapshot; readonly canKeepFrozen: boolean },
  validation: Examples,
  context: TrainingContext,
): Promise<Interpolation> {
  const { job, world, split } = context;
  const copies = { before, after: await network.snapshot(), canKeepFrozen };
  const images = { validation, loss: lossOf(job), ...comparedImages(split.validation, context) };
  const interpolation = await chooseInterpolation(network, copies, images);
  world.log('interpolation', { job: job.id, ...interpolationEvidence(interpolation) });
  return interpolation;
}

/** The chosen share, and the validation loss of each share, as numbers for the job's record. */
export function interpolationEvidence({ share, losses }: Interpolation): Record<string, number> {
  const ofShares = [...losses].map(([at, loss]) => [`validationLoss.${at}`, round(loss)]);
  return { [evidenceKeys.interpolationShare]: share, ...Object.fromEntries(ofShares) };
}
