import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { CustomScaleLayer } from '../layers/custom-scale-layer.ts';
import { activate, apply, channels, conv2d, dense, globalAveragePool } from '../layers/functional.ts';
import type { Branches, InceptionStep } from '../layers/inception-module.ts';
import { convolve, follow, inceptionModule } from '../layers/inception-module.ts';
import { autoNames } from '../layers/names.ts';
import type { Family, Stage } from './family.ts';

/** Sizes of an Inception-ResNet-v2. */
export interface InceptionResNetV2Sizes {
  readonly stem: readonly InceptionStep[];
  /** Each section has a module that changes the map's shape, then residual modules that keep it. */
  readonly sections: readonly InceptionSection[];
  /** Filters of the last convolution. */
  readonly top: number;
}

/** A module that changes the map's shape, and the residual modules after it. */
export interface InceptionSection {
  readonly module: { readonly name: string; readonly branches: Branches };
  readonly residual: Residual;
}

/** A repeated residual module. */
export interface Residual {
  readonly name: string;
  readonly repeats: number;
  /** Factor of the branches' result before it is added to their input. */
  readonly scale: number;
  readonly branches: Branches;
}

type Names = ReturnType<typeof autoNames>;

/**
 * Inception-ResNet-v2 (Szegedy et al., arXiv:1602.07261): adds the scaled result of Inception modules to their input.
 */
export const inceptionResnetV2: Family<InceptionResNetV2Sizes> = {
  stages(images, { stem, sections, top }) {
    const auto = autoNames();
    let x = follow(images, stem, auto);
    const stages: Stage[] = [{ name: 'stem', output: x }];
    for (const [index, { module, residual }] of sections.entries()) {
      x = inceptionModule(x, module.branches, module.name, auto);
      stages.push({ name: module.name, output: x });
      for (let i = 1; i <= residual.repeats; i++) {
        const isLast = index === sections.length - 1 && i === residual.repeats;
        const prefix = `${residual.name}_${i}`;
        x = addBranches(x, prefix, { ...residual, scale: isLast ? 1 : residual.scale }, auto);
        // The last sum adds the unscaled branches and has no activation.
        if (!isLast) x = activate(x, `${prefix}_ac`, 'relu');
      }
      stages.push({ name: residual.name, output: x });
    }
    x = convolve(x, ['conv_7b', 'conv_7b_bn', 'conv_7b_ac'], top, { kernel: 1 });
    return [...stages, { name: 'top', output: x }];
  },

  top(map, _sizes, { classes }) {
    return dense(globalAveragePool(map, 'avg_pool'), 'predictions', classes);
  },
};

function addBranches(x: SymbolicTensor, prefix: string, { scale, branches }: Residual, auto: Names): SymbolicTensor {
  const mixed = inceptionModule(x, branches, `${prefix}_mixed`, auto);
  const widened = conv2d(mixed, `${prefix}_conv`, channels(x), { kernel: 1, bias: true });
  return apply(new CustomScaleLayer({ name: auto('custom_scale_layer'), scale }), [x, widened]);
}
