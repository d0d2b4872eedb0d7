import { expect, it } from 'vitest';
import { resolveFreeze } from '../../../lib/freezing/resolve-freeze.ts';

// The BatchNormalization after Conv1 of mobilenet_v2 is bn_Conv1, those of resnet50 are conv2_block1_1_bn and so on.
it.each([
  ['mobilenet_v2', 'Conv1|expanded_conv_.*|block_[1-9]_.*', 'block_9_add'],
  ['mobilenet_v2', '(bn_)?Conv1|expanded_conv_.*|block_[1-9]_.*', 'block_9_add'],
  ['resnet50', 'conv[1-3].*_conv', 'conv3_block4_out'],
  ['resnet50', '.*_conv', 'conv5_block3_out'],
  ['resnet50', 'conv[2-3].*_conv', undefined],
])('the cut in %s does not depend on whether %s matches the normalizations, which never train', (name, layers, cut) => {
  expect(resolveFreeze({ layers }, { name, inputSize: 32 }).cut).toBe(cut);
});
