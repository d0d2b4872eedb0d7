import type { ExportedFile, ExportedModel } from './exported-model.ts';
import type { ExportFormat } from './formats.ts';
import { exportSinglePage } from './html-export.ts';
import { exportNpmPackage } from './npm-export.ts';
import { exportOnnxFolder } from './onnx-export.ts';
import { exportWebFolder } from './web-export.ts';

const exporters = {
  onnx: exportOnnxFolder,
  npm: exportNpmPackage,
  web: exportWebFolder,
  html: exportSinglePage,
} satisfies Record<ExportFormat, (model: ExportedModel) => Promise<ExportedFile[]>>;

/**
 * Exports a model version to run elsewhere, without Graft.
 * @returns the files of the export
 * @throws DataError EXPORT_TOO_LARGE
 */
export function exportModel(model: ExportedModel, format: ExportFormat): Promise<ExportedFile[]> {
  return exporters[format](model);
}
