import type { OptimizerSpec } from '../../../contracts/training-spec.ts';
import type { ModelVariable } from '../../layers-model/leaf-layers.ts';
import { forOptimizer } from '../../optimizer-slots.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { createOptimizer, type Optimizer, type UpdateRule } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';

/** Creates the optimizer of a spec for these variables. Each step gets its learning rate. */
export function buildOptimizer(spec: OptimizerSpec, variables: readonly ModelVariable[]): Optimizer {
  return createOptimizer(forOptimizer<UpdateRule>(spec, { sgd, rmsprop, adam, adagrad }), variables, {
    ...(spec.clipNorm !== undefined && { clipNorm: spec.clipNorm }),
    ...(spec.globalClipNorm !== undefined && { globalClipNorm: spec.globalClipNorm }),
    ...(spec.name === 'adamw' && { weightDecay: spec.weightDecay }),
  });
}
