import { product } from '../../arithmetic.ts';
import type { MixSpec } from '../../contracts/training-spec.ts';
import type { RandomStream } from '../../random.ts';
import { type Batch, everyRow } from '../examples.ts';
import { cutmix } from './cutmix.ts';
import { drawBeta } from './draw-beta.ts';
import { mixup } from './mixup.ts';

/**
 * Mixes each example of a batch with a partner of the same batch, and their targets and weights in the same shares. The
 * share of each example is drawn from a beta distribution. Vectors have no area to cut, so cutmix acts as mixup on
 * them, which approximates the mean over a mixed map.
 * @param inputShape of one example
 */
export function mixBatch(batch: Batch, inputShape: readonly number[], { name, alpha }: MixSpec, stream: RandomStream): Batch {
  const size = product(inputShape);
  const count = batch.inputs.length / size;
  const partners = stream.shuffle(everyRow({ count }));
  const [height, width, channels] = inputShape;
  const inputs = batch.inputs.slice();
  const shares = partners.map((partner, row) => {
    const own = inputs.subarray(row * size, (row + 1) * size);
    const others = batch.inputs.subarray(partner * size, (partner + 1) * size);
    const share = drawBeta(alpha, stream);
    if (name === 'cutmix' && height !== undefined && width !== undefined && channels !== undefined) {
      return cutmix(own, others, share, { shape: [height, width, channels], stream });
    }
    mixup(own, others, share);
    return share;
  });
  const mixed = (values: Float32Array): Float32Array => mixRows(values, partners, shares);
  return { inputs, targets: mixed(batch.targets), ...(batch.weights !== undefined && { weights: mixed(batch.weights) }) };
}

/** Rows of values, each mixed with its partner's. */
function mixRows(values: Float32Array, partners: readonly number[], shares: readonly number[]): Float32Array {
  const columns = values.length / partners.length;
  const mixed = values.slice();
  for (const [row, partner] of partners.entries()) {
    const own = mixed.subarray(row * columns, (row + 1) * columns);
    mixup(own, values.subarray(partner * columns, (partner + 1) * columns), shares[row] ?? 1);
  }
  return mixed;
}
