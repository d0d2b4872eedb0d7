import { isSource, nameFromPath } from '../../lib/datasets/sources/source-name.ts';
import type { Context } from '../context.ts';
import type { Output } from '../output.ts';
import { describeReport, uploadSource } from './upload.ts';

export interface ResolvedDataset {
  /** The version, or the given name. */
  readonly ref: string;
  /** Seconds of the import; 0 without one. */
  readonly seconds: number;
}

/**
 * Resolves a data set: a name is returned unchanged; a folder, archive or manifest is uploaded first. Ctrl-C after its
 * files are sent leaves the import running.
 * @throws as uploadSource
 */
export async function resolveDataset(dataset: string, context: Context, output: Output): Promise<ResolvedDataset> {
  if (!(await isSource(dataset))) return { ref: dataset, seconds: 0 };
  const started = Date.now();
  const report = await uploadSource(dataset, { name: nameFromPath(dataset), detachable: true }, context, output);
  output.note(describeReport(report));
  return { ref: `${report.dataset}@${report.digest}`, seconds: (Date.now() - started) / 1000 };
}
