import { describe, it } from 'vitest';
import { checkGradients } from './check-gradients.ts';
import { convolutionCases } from './convolution-cases.ts';

describe('Conv', () => {
  it.each(convolutionCases)('has the gradient of finite differences: $title', async (given) => checkGradients(given));
});
