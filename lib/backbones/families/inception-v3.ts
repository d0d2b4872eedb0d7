import { dense, globalAveragePool } from '../layers/functional.ts';
import type { Branches, InceptionStep } from '../layers/inception-module.ts';
import { follow, inceptionModule } from '../layers/inception-module.ts';
import { autoNames } from '../layers/names.ts';
import type { Family, Stage } from './family.ts';

/** Sizes of an InceptionV3. */
export interface InceptionV3Sizes {
  readonly stem: readonly InceptionStep[];
  /** The branches of each module. */
  readonly modules: readonly Branches[];
}

/**
 * InceptionV3 (Szegedy et al., arXiv:1512.00567): modules of parallel branches, with large kernels split into small
 * ones.
 */
export const inceptionV3: Family<InceptionV3Sizes> = {
  stages(images, { stem, modules }) {
    const auto = autoNames();
    let x = follow(images, stem, auto);
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, branches] of modules.entries()) {
      const name = `mixed${index}`;
      x = inceptionModule(x, branches, name, auto);
      stages.push({ name, output: x });
    }
    return stages;
  },

  top(map, _sizes, { classes }) {
    return dense(globalAveragePool(map, 'avg_pool'), 'predictions', classes);
  },
};
