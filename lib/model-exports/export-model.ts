import type { ExportFormat } from '../contracts/model-export.ts';
import type { ExportedFile, ExportedModel } from './exported-model.ts';
import { exportSinglePage } from './html-export.ts';
import { exportKerasFolder } from './keras-export.ts';
import { exportNpmPackage } from './npm-export.ts';
import { exportOnnxFolder } from './onnx-export.ts';
import { exportTfjsFolder } from './tfjs-export.ts';
import { exportWebFolder } from './web-export.ts';

const exporters = {
  onnx: exportOnnxFolder,
  npm: exportNpmPackage,
  web: exportWebFolder,
  html: exportSinglePage,
  tfjs: exportTfjsFolder,
  keras: exportKerasFolder,
} satisfies Record<ExportFormat, (model: ExportedModel) => Promise<ExportedFile[]>>;

/**
 * Exports a model version to run elsewhere, without Graft.
 * @returns the files of the export
 * @throws DataError EXPORT_TOO_LARGE, EXPORT_FORMAT_INCOMPATIBLE, EXPORT_LAYER_UNSUPPORTED
 */
export function exportModel(model: ExportedModel, format: ExportFormat): Promise<ExportedFile[]> {
  return exporters[format](model);
}
