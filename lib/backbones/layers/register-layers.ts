/** Makes all of Graft's layers known to TF.js, so that `loadLayersModel` reads models that have them. */
import './batch-normalization.ts';
import './custom-scale-layer.ts';
import './global-average-pooling-2d.ts';
import './grouped-conv2d.ts';
import './hard-activations.ts';
import './layer-scale.ts';
import './normalization.ts';
import './rescaling.ts';
import './stochastic-depth.ts';
