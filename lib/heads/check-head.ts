import type { HeadSpec } from '../contracts/head-spec.ts';
import { SpecError } from '../errors.ts';
import { headLayers } from './presets.ts';
import { isPooling, takesVector } from './split-pooling.ts';

/**
 * Checks, before anything is built, that a head fits on a backbone's feature map. Dense and output layers take vectors,
 * so a pooling or flatten layer must come before the first of them.
 * @throws SpecError HEAD_SHAPE if it does not
 */
export function checkHead(spec: HeadSpec): void {
  const layers = headLayers(spec);
  const pooling = layers.findIndex(isPooling);
  const dense = layers.findIndex(takesVector);
  if (pooling >= 0 && (dense < 0 || pooling < dense)) return;
  throw new SpecError('HEAD_SHAPE', {
    at: dense >= 0 ? `head[${dense}]` : 'head',
    expected: 'a vector for every dense layer and for the output',
    received: 'a feature map, [height, width, channels]',
    fix: 'begin the head with {"layer": "globalAveragePool"} or {"layer": "flatten"}',
  });
}
