import * as tf from '@tensorflow/tfjs-core';

/** Keras 3's `hard_sigmoid`: relu6(x + 3) / 6. TF.js uses that name for Keras 1's: 0.2 x + 0.5, clipped to 0..1. */
export class HardSigmoid3 extends tf.serialization.Serializable {
  static readonly className = 'hardSigmoid3';

  apply(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.div(tf.relu6(tf.add(x, 3)), 6));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {};
  }
}

/** Keras's `hard_silu`, also called hard swish (Howard et al., arXiv:1905.02244): x relu6(x + 3) / 6. */
export class HardSilu extends tf.serialization.Serializable {
  static readonly className = 'hardSilu';

  apply(x: tf.Tensor): tf.Tensor {
    return tf.tidy(() => tf.mul(x, tf.div(tf.relu6(tf.add(x, 3)), 6)));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return {};
  }
}

tf.serialization.registerClass(HardSigmoid3);
tf.serialization.registerClass(HardSilu);
