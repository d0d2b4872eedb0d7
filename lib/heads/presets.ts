import type { HeadLayer, HeadPreset } from '../contracts/head-spec.ts';

const globalAveragePool: HeadLayer = { layer: 'globalAveragePool' };

/** Heads by name, as lists of layers in the form that a user would write. */
export const presets: Readonly<Record<HeadPreset, readonly HeadLayer[]>> = {
  /** A linear classifier on pooled features; suits most small data sets. */
  linear: [
    globalAveragePool,
    { layer: 'dropout', rate: 0.2 },
    // Zeros: a random kernel would leave noise in the weights of features that no training image has.
    { layer: 'output', useBias: true, l1: 0, l2: 'prior', kernelInitializer: 'zeros' },
  ],
  /** One hidden layer on pooled features. */
  mlp: [globalAveragePool, dense(256), { layer: 'dropout', rate: 0.5 }],
  /** Compares the directions of pooled features and ignores their lengths; for classes with few images. */
  cosine: [globalAveragePool, { layer: 'dropout', rate: 0.2 }, { layer: 'cosineOutput', scale: 16 }],
  /** The classic head on the whole feature map: Flatten, Dense(1024, relu), Dropout(0.5). */
  tutorial: [{ layer: 'flatten' }, dense(1024), { layer: 'dropout', rate: 0.5 }],
};

/** A head: the name of a preset, or a list of layers. */
export type Head = HeadPreset | readonly HeadLayer[];

/** Returns the layers of a head, given by name or as a list. */
export function headLayers(spec: Head): readonly HeadLayer[] {
  return typeof spec === 'string' ? presets[spec] : spec;
}

function dense(units: number): HeadLayer {
  return { layer: 'dense', units, activation: 'relu', useBias: true, l1: 0, l2: 0, kernelInitializer: 'glorotUniform' };
}
