import type { HeadLayer, HeadPreset } from '../contracts/head-spec.ts';

const globalAveragePool: HeadLayer = { layer: 'globalAveragePool' };

/** Heads by name, as the lists of layers that a user would write. */
export const presets: Readonly<Record<HeadPreset, readonly HeadLayer[]>> = {
  /** A linear classifier on pooled features: what most small data sets need. */
  linear: [
    globalAveragePool,
    { layer: 'dropout', rate: 0.2 },
    // From zero on: what a random kernel says of features that no training image has would stay in it as noise.
    { layer: 'output', useBias: true, l1: 0, l2: 'prior', kernelInitializer: 'zeros' },
  ],
  /** One hidden layer on pooled features. */
  mlp: [globalAveragePool, dense(256), { layer: 'dropout', rate: 0.5 }],
  /** Directions of pooled features instead of their lengths: for classes of few images. */
  cosine: [globalAveragePool, { layer: 'dropout', rate: 0.2 }, { layer: 'cosineOutput', scale: 16 }],
  /** The classic head on the whole feature map: Flatten, Dense(1024, relu), Dropout(0.5). */
  tutorial: [{ layer: 'flatten' }, dense(1024), { layer: 'dropout', rate: 0.5 }],
};

/** A head by name, or its layers. */
export type Head = HeadPreset | readonly HeadLayer[];

/** The layers of a head, whether it was named or written out. */
export function headLayers(spec: Head): readonly HeadLayer[] {
  return typeof spec === 'string' ? presets[spec] : spec;
}

function dense(units: number): HeadLayer {
  return { layer: 'dense', units, activation: 'relu', useBias: true, l1: 0, l2: 0, kernelInitializer: 'glorotUniform' };
}
