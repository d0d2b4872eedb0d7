import { DataError, SpecError } from '../../errors.ts';
import type { ObjectStore } from '../../ports.ts';
import { distance, probeEncoder, runOnNoise } from './probe-encoder.ts';
import { type OwnBackboneSpec, readTrainable } from './read-trainable.ts';

/** How far the features may change with the opset, relative to the largest. */
const TOLERANCE = 1e-5;

/**
 * Checks on synthetic images that a user's own model computes the same features at the opset in which it trains, and
 * that it takes images in batches.
 * @throws SpecError OWN_MODEL_NOT_TRAINABLE; DataError OWN_MODEL_OPSET_CONVERSION; as readTrainable and probeEncoder
 */
export async function checkTuning(spec: OwnBackboneSpec, store: ObjectStore): Promise<void> {
  const { original, encoder, ...parts } = await readTrainable(spec, store);
  const { perImage } = await probeEncoder({ ...parts, encoder: original });
  if (perImage) {
    throw new SpecError('OWN_MODEL_NOT_TRAINABLE', {
      at: 'backbone.own',
      expected: 'a model whose features of an image are the same in any batch',
      received: 'one that runs on one image at a time',
      fix: 'export the model with a dynamic batch size: dynamic_axes={"images": {0: "batch"}}',
    });
  }
  const before = await runOnNoise({ ...parts, encoder: original, perImage });
  const after = await runOnNoise({ ...parts, encoder, perImage }).catch((cause: unknown) => {
    throw converted(original.opset, 'a graph that does not run', cause);
  });
  const largest = before.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const apart = distance(before, after) / (largest || 1);
  if (!(apart <= TOLERANCE)) throw converted(original.opset, `a relative difference of ${apart.toPrecision(2)}`);
}

function converted(opset: number, received: string, cause?: unknown): DataError {
  return new DataError('OWN_MODEL_OPSET_CONVERSION', {
    expected: `the same features after the conversion from opset ${opset} to opset 20, in which layers train`,
    received,
    fix: 'export the model again with opset 20, or leave it frozen',
    ...(cause !== undefined && { cause }),
  });
}
