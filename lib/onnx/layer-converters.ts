import type { Converters } from './converter.ts';
import { activationConverters } from './converters/activations.ts';
import { convolutionConverters } from './converters/convolutions.ts';
import { denseConverters } from './converters/dense.ts';
import { mergeConverters } from './converters/merges.ts';
import { normalizationConverters } from './converters/normalizations.ts';
import { poolConverters } from './converters/pools.ts';
import { shapeConverters } from './converters/shapes.ts';
import { subGraphConverters } from './converters/sub-graphs.ts';

/** The layer classes that `exportOnnx` supports by default. */
export const layerConverters: Converters = {
  ...activationConverters,
  ...convolutionConverters,
  ...denseConverters,
  ...mergeConverters,
  ...normalizationConverters,
  ...poolConverters,
  ...shapeConverters,
  ...subGraphConverters,
};
