import type { ExportFormat } from '../contracts/model-export.ts';
import { checkFormat } from './check-export.ts';
import type { ExportedModel } from './exported-model.ts';
import type { LayerGraph } from './layers/layer-graph.ts';
import { readLayers } from './layers/read-layers.ts';

/**
 * Reads a model as layers, for a format that training goes on in.
 * @throws DataError EXPORT_LAYER_UNSUPPORTED; as checkFormat
 */
export function openLayers(model: ExportedModel, format: ExportFormat): LayerGraph {
  checkFormat(model, format);
  return readLayers(model.onnx);
}
