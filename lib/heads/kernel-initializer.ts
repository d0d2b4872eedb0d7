import * as tfl from '@tensorflow/tfjs-layers';
import type { HeadLayer } from '../contracts/head-spec.ts';

type Initializer = ReturnType<typeof tfl.initializers.zeros>;
type InitializerName = Extract<HeadLayer, { layer: 'dense' }>['kernelInitializer'];

/** Standard deviation of a standard normal distribution truncated at two. Keras divides by it, TF.js does not. */
const truncatedDeviation = 0.8796256610342398;

/** Returns an initializer that draws a dense kernel as Keras 3 does (its VarianceScaling), from a seed above 0. */
export function kernelInitializer(name: InitializerName, seed: number): Initializer {
  const normal = (scale: number, mode: 'fanIn' | 'fanAvg'): Initializer =>
    tfl.initializers.varianceScaling({ scale: scale / truncatedDeviation ** 2, mode, distribution: 'normal', seed });
  const uniform = (scale: number, mode: 'fanIn' | 'fanAvg'): Initializer =>
    tfl.initializers.varianceScaling({ scale, mode, distribution: 'uniform', seed });
  switch (name) {
    case 'glorotUniform':
      return uniform(1, 'fanAvg');
    case 'glorotNormal':
      return normal(1, 'fanAvg');
    case 'heUniform':
      return uniform(2, 'fanIn');
    case 'heNormal':
      return normal(2, 'fanIn');
    case 'lecunUniform':
      return uniform(1, 'fanIn');
    case 'lecunNormal':
      return normal(1, 'fanIn');
    case 'randomUniform':
      return tfl.initializers.randomUniform({ minval: -0.05, maxval: 0.05, seed });
    case 'randomNormal':
      return tfl.initializers.randomNormal({ mean: 0, stddev: 0.05, seed });
    case 'truncatedNormal':
      return tfl.initializers.truncatedNormal({ mean: 0, stddev: 0.05, seed });
    case 'zeros':
      return tfl.initializers.zeros();
  }
}
