import type { ModelCard } from '../lib/contracts/model-card.ts';
import type { ExportFormat } from '../lib/contracts/model-export.ts';

/** Formats of layers, with which training goes on. */
const LAYER_FORMATS: readonly ExportFormat[] = ['tfjs', 'keras'];

type Exported = Pick<ModelCard, 'task' | 'backbone' | 'spec'>;

/** Whether a version has a format: layers only of a classifier on a backbone of the catalogue in float32. */
export function hasFormat({ task, backbone, spec }: Exported, format: ExportFormat): boolean {
  const hasLayers = task !== 'one-class' && backbone.precision !== 'int8' && spec.backbone.own === undefined;
  return hasLayers || !LAYER_FORMATS.includes(format);
}

/** Whether a version has a format in less precision than float32. */
export function hasPrecisions({ task, backbone }: Exported, format: ExportFormat): boolean {
  return task !== 'one-class' && backbone.precision !== 'int8' && !LAYER_FORMATS.includes(format);
}
