import { describe } from 'vitest';
import { bundledFile } from '../../../lib/backbones/bundled-file.ts';
import { loadBackbone } from '../../../lib/backbones/load-backbone.ts';
import { readWeights } from '../../../lib/backbones/weights/read-weights.ts';
import { describeImagenetGolden } from '../../support/goldens/imagenet-goldens.ts';
import { useTensorFlow } from '../../support/tensorflow.ts';

useTensorFlow();

describe('EfficientNet-Lite0 with its bundled weights', () => {
  describeImagenetGolden('efficientnet-lite0', [128, 224], async (options) => {
    const weights = await readWeights(await bundledFile('efficientnet-lite0.safetensors'));
    return loadBackbone({ name: 'efficientnet_lite0', weights, ...options });
  });
});
