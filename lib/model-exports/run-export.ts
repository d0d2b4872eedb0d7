import type { ExportJob } from '../contracts/job.ts';
import type { ExportResult } from '../contracts/model-export.ts';
import { withExternalImages } from '../datasets/external/external-store.ts';
import type { JobContext } from '../jobs/work-on-job.ts';
import { exportPrefix } from '../models/export-prefix.ts';
import { resolveModel } from '../models/registry.ts';
import type { World } from '../ports.ts';
import { checkExport } from './check-export.ts';
import { exportModel } from './export-model.ts';
import { readExportedModel, storedPackage } from './read-exported-model.ts';
import { withPrecision } from './with-precision.ts';
import { zipFiles } from './zip-files.ts';

/**
 * Exports a model version as a job: writes the same files as `graft export`, as one zip archive. The archive is written
 * last and at once, so that there is all of it or none.
 * @throws as readExportedModel, checkExport, reducePrecision and exportModel; the signal's reason
 */
export async function runExport(
  { id, spec }: ExportJob,
  world: World,
  { report, flush, signal }: JobContext,
): Promise<ExportResult> {
  const { name, version, format, precision, maxLoss } = spec;
  const resolved = await resolveModel(`${name}@${version}`, world.store);
  const original = await readExportedModel(resolved, storedPackage(resolved, world.store));
  checkExport(original, spec);
  report({ stage: 'export', done: 0, total: 0 });
  await flush();
  const storeOf = async (dataset: string) => (await withExternalImages(dataset, world)).store;
  const onProgress = (done: number, total: number) => report({ stage: 'export', done, total });
  const model = await withPrecision(original, storeOf, { precision, maxLoss, signal, onProgress });
  signal.throwIfAborted();
  const files = await exportModel(model, format);
  const content = await zipFiles(files);
  signal.throwIfAborted();
  const archive = `${name}-${version}-${format}.zip`;
  await world.store.put(`${exportPrefix(id)}${archive}`, content);
  return {
    model: name,
    version,
    format,
    archive,
    files: files.map((file) => ({ name: file.name, size: Buffer.byteLength(file.content) })),
    ...(model.precision && { precision: model.precision }),
  };
}
