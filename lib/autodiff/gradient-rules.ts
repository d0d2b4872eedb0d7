import type { GradientRules } from './gradient-rule.ts';
import { activationRules } from './rules/activations.ts';
import { arithmeticRules } from './rules/arithmetic.ts';
import { convolutionRules } from './rules/convolution.ts';
import { matrixRules } from './rules/matrices.ts';
import { normalizationRules } from './rules/normalizations.ts';
import { poolRules } from './rules/pools.ts';
import { reductionRules } from './rules/reductions.ts';
import { shapeRules } from './rules/shapes.ts';
import { softmaxRules } from './rules/softmax.ts';

/** The operators that can be differentiated: all that `exportOnnx` and the losses write. */
export const gradientRules: GradientRules = {
  ...activationRules,
  ...arithmeticRules,
  ...convolutionRules,
  ...matrixRules,
  ...normalizationRules,
  ...poolRules,
  ...reductionRules,
  ...shapeRules,
  ...softmaxRules,
};
