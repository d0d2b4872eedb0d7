/** Registers all of Graft's layers with TF.js, so that `loadLayersModel` can read models that contain them. */
import './batch-normalization.ts';
import './custom-scale-layer.ts';
import './global-average-pooling-2d.ts';
import './grouped-conv2d.ts';
import './hard-activations.ts';
import './layer-scale.ts';
import './normalization.ts';
import './rescaling.ts';
import './stochastic-depth.ts';
