import * as tfl from '@tensorflow/tfjs-layers';

const { layers } = tfl;

/**
 * VGG in small: blocks of two 3x3 convolutions, each closed by a 2x2 max pool, then a dense head. The same weights every time.
 * @param blocks filters of each block
 */
export function smallVgg(inputSize: number, blocks: readonly number[], classes: number): tfl.LayersModel {
  const images = tfl.input({ shape: [inputSize, inputSize, 3] });
  const trunk = blocks.reduce((x, filters, block) => {
    const first = conv(x, { filters, kernelSize: 3, activation: 'relu' }, block * 2);
    return layers.maxPooling2d({ poolSize: 2 }).apply(conv(first, { filters, kernelSize: 3, activation: 'relu' }, block * 2 + 1));
  }, images as Output);
  return tfl.model({ inputs: images, outputs: head(layers.flatten().apply(trunk), classes) as tfl.SymbolicTensor });
}

/**
 * MobileNetV2 in small: a strided stem, then inverted residual blocks with batch normalization and ReLU6. The same weights every
 * time.
 * @param blocks [filters, stride] of each block, which expands its channels six times
 */
export function smallMobileNet(
  inputSize: number,
  blocks: readonly (readonly [number, number])[],
  classes: number,
): tfl.LayersModel {
  const images = tfl.input({ shape: [inputSize, inputSize, 3] });
  const stem = relu6(normalized(conv(images, { filters: 16, kernelSize: 3, strides: 2 }, 1)));
  const trunk = blocks.reduce((x, [filters, stride], block) => invertedResidual(x, filters, stride, 10 * (block + 1)), stem);
  const pooled = layers.globalAveragePooling2d({}).apply(trunk);
  return tfl.model({ inputs: images, outputs: head(pooled, classes) as tfl.SymbolicTensor });
}

type Output = ReturnType<tfl.layers.Layer['apply']>;

function invertedResidual(x: Output, filters: number, strides: number, seed: number): Output {
  const channels = (x as tfl.SymbolicTensor).shape.at(-1) ?? 0;
  const wide = relu6(normalized(conv(x, { filters: channels * 6, kernelSize: 1 }, seed)));
  const depthwiseInitializer = tfl.initializers.heNormal({ seed: seed + 1 });
  const depthwise = layers.depthwiseConv2d({ kernelSize: 3, strides, padding: 'same', depthwiseInitializer }).apply(wide);
  const narrow = normalized(conv(relu6(normalized(depthwise)), { filters, kernelSize: 1 }, seed + 2));
  return strides === 1 && channels === filters ? layers.add().apply([x, narrow] as tfl.SymbolicTensor[]) : narrow;
}

function conv(x: Output, sizes: Parameters<typeof layers.conv2d>[0], seed: number): Output {
  return layers.conv2d({ ...sizes, padding: 'same', kernelInitializer: tfl.initializers.heNormal({ seed }) }).apply(x);
}

function normalized(x: Output): Output {
  return layers.batchNormalization().apply(x);
}

function relu6(x: Output): Output {
  return layers.reLU({ maxValue: 6 }).apply(x);
}

function head(x: Output, classes: number): Output {
  const hidden = dense(x, { units: 64, activation: 'relu' }, 1000);
  return dense(hidden, { units: classes, activation: 'softmax' }, 1001);
}

function dense(x: Output, sizes: Parameters<typeof layers.dense>[0], seed: number): Output {
  return layers.dense({ ...sizes, kernelInitializer: tfl.initializers.glorotUniform({ seed }) }).apply(x);
}
