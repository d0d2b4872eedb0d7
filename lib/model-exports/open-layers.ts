import { DataError } from '../errors.ts';
import type { ExportedModel } from './exported-model.ts';
import type { ExportFormat } from './formats.ts';
import type { LayerGraph } from './layers/layer-graph.ts';
import { readLayers } from './layers/read-layers.ts';

/**
 * Reads a model as layers, for a format that training goes on in.
 * @throws DataError EXPORT_FORMAT_INCOMPATIBLE for a user's own encoder and for a one-class model; EXPORT_LAYER_UNSUPPORTED
 */
export function openLayers({ onnx, card, backbone, name, version }: ExportedModel, format: ExportFormat): LayerGraph {
  if (backbone.isOwn) {
    throw new DataError('EXPORT_FORMAT_INCOMPATIBLE', {
      at: `${name}@${version}`,
      expected: `a backbone of Graft's catalogue for --to ${format}`,
      received: `an encoder of your own, ${backbone.name}, which is an ONNX graph of any operators`,
      fix: 'use --to onnx, npm, web or html',
    });
  }
  if (card.task === 'one-class') {
    throw new DataError('EXPORT_FORMAT_INCOMPATIBLE', {
      at: `${name}@${version}`,
      expected: `a classifier for --to ${format}`,
      received: 'a one-class model, which measures distances and has no layers to train',
      fix: 'use --to onnx, npm, web or html',
    });
  }
  return readLayers(onnx);
}
