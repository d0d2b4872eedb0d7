import type { LayersModel } from '@tensorflow/tfjs-layers';
import { GraftError } from '../errors.ts';
import type { Log } from '../ports.ts';
import type { Engine } from './engine.ts';
import type { OnnxEngine } from './onnx/onnx-engine.ts';
import { requireGradients } from './onnx/training-graph.ts';

/**
 * Returns the ONNX engine, which leaves networks that it cannot train to another engine, and logs why.
 * @param startOther called for each such network
 */
export function engineWithFallback(
  onnx: OnnxEngine,
  startOther: () => Promise<Engine<LayersModel>>,
  log: Log = () => {},
): Engine<LayersModel> & Pick<OnnxEngine, 'runtime'> {
  return {
    runtime: onnx.runtime,
    async open(model) {
      try {
        requireGradients(model);
      } catch (error) {
        if (!(error instanceof GraftError && UNSUPPORTED.includes(error.code))) throw error;
        const other = await startOther();
        log('engine.fallback', { model: model.name, from: onnx.runtime.name, to: other.runtime.name, because: error.message });
        return other.open(model);
      }
      return onnx.open(model);
    },
  };
}

const UNSUPPORTED: readonly string[] = ['ONNX_LAYER_UNSUPPORTED', 'ONNX_GRADIENT_UNSUPPORTED'];
