import type { HeadSpec } from '../contracts/head-spec.ts';
import { SpecError } from '../errors.ts';
import { headLayers } from './presets.ts';
import { isPooling, takesVector } from './split-pooling.ts';

/**
 * Whether a head fits on a backbone's feature map, known before any of it is built: a dense layer, and the output layer at the
 * end, take vectors, so something must make a vector of the map before the first of them.
 * @throws SpecError HEAD_SHAPE
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
