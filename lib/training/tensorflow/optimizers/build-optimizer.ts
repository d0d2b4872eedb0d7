import type { OptimizerSpec } from '../../../contracts/training-spec.ts';
import type { ModelVariable } from '../leaf-layers.ts';
import { adagrad } from './adagrad.ts';
import { adam } from './adam.ts';
import { createOptimizer, type Optimizer, type UpdateRule } from './optimizer.ts';
import { rmsprop } from './rmsprop.ts';
import { sgd } from './sgd.ts';

/** Creates the optimizer of a spec for these variables. Each step gets its learning rate. */
export function buildOptimizer(spec: OptimizerSpec, variables: readonly ModelVariable[]): Optimizer {
  return createOptimizer(ruleOf(spec), variables, {
    ...(spec.clipNorm !== undefined && { clipNorm: spec.clipNorm }),
    ...(spec.globalClipNorm !== undefined && { globalClipNorm: spec.globalClipNorm }),
    ...(spec.name === 'adamw' && { weightDecay: spec.weightDecay }),
  });
}

/** Names of an optimizer's slots; each variable has one slot of its own shape for each name. */
export function slotNames(spec: OptimizerSpec): string[] {
  return Object.keys(ruleOf(spec).slots);
}

function ruleOf(spec: OptimizerSpec): UpdateRule {
  switch (spec.name) {
    case 'sgd':
      return sgd(spec);
    case 'rmsprop':
      return rmsprop(spec);
    case 'adam':
    case 'adamw':
      return adam(spec);
    case 'adagrad':
      return adagrad(spec);
  }
}
