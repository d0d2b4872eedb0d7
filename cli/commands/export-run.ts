import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isTraining, type JobResult } from '../../lib/contracts/job.ts';
import { EpochRecord } from '../../lib/contracts/model.ts';
import { ConflictError, NotFoundError, UsageError } from '../../lib/errors.ts';
import { decodeDocument } from '../../lib/store/documents.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output } from '../output.ts';
import { encodeEvents } from '../tensorboard/encode-events.ts';
import { runsOfVersion } from '../tensorboard/run-of-version.ts';

export interface ExportOptions {
  readonly job: string;
  /** The log directory of TensorBoard. */
  readonly folder: string;
}

/**
 * graft export-run JOB --to tensorboard DIR: writes the training of a job as event files below DIR/JOB. Replaces
 * nothing.
 * @throws ConflictError RUN_UNAVAILABLE; UsageError FILE_EXISTS, FILE_UNWRITABLE
 */
export async function exportRun({ job, folder }: ExportOptions, { client }: Context, output: Output): Promise<number> {
  const { model, version } = await resultOf(job, client);
  const { card } = await client.models.version(model, version);
  const history = await readHistory({ model, version }, client);
  const directory = await makeFolder(folder, job);
  const files: string[] = [];
  const wallTime = new Date(card.createdAt);
  for (const { name, steps } of runsOfVersion(card, history)) {
    // The name has the time and the job, so that the same job gives the same files.
    const file = join(directory, name, `events.out.tfevents.${Math.floor(wallTime.getTime() / 1000)}.${job}`);
    await mkdir(join(directory, name));
    await writeFile(file, encodeEvents(steps, wallTime), { flag: 'wx' });
    files.push(file);
  }
  output.result(
    { job, model, version, epochs: history.length, files },
    `${model}@${version}: ${history.length} epochs in ${directory}\nLook at them with TensorBoard (pip install tensorboard):\n` +
      `  tensorboard --logdir ${folder}`,
  );
  return EXIT.done;
}

async function resultOf(id: string, client: Context['client']): Promise<Pick<JobResult, 'model' | 'version'>> {
  const job = await client.jobs.get(id);
  if (isTraining(job) && job.result !== undefined) return job.result;
  throw new ConflictError('RUN_UNAVAILABLE', {
    at: id,
    expected: 'a training that has published a version',
    received: isTraining(job) ? `a training that is ${job.state}` : `a job of the kind ${job.kind}`,
    fix: `follow it to its end: graft job ${id} --follow`,
  });
}

async function readHistory(
  { model, version }: Pick<JobResult, 'model' | 'version'>,
  client: Context['client'],
): Promise<readonly EpochRecord[]> {
  const { files } = await client.models.files(model, version);
  const file = files.find(({ name }) => name === 'history.json');
  if (file !== undefined) return decodeDocument(EpochRecord.array(), file.name, await client.fetchFile(file)).value;
  throw new NotFoundError('MODEL_PACKAGE_MISSING', {
    at: `${model}@${version}`,
    expected: 'history.json in its package',
    received: 'nothing',
    fix: 'train the model again, or use another version',
  });
}

/** The folder of the job's runs, which must not exist yet. */
async function makeFolder(folder: string, job: string): Promise<string> {
  const directory = join(folder, job);
  try {
    await mkdir(folder, { recursive: true });
    await mkdir(directory);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw new UsageError('FILE_EXISTS', {
        at: directory,
        expected: 'a folder without the runs of this job',
        received: 'one that has them',
        fix: 'delete it, or give another folder',
        cause,
      });
    }
    throw new UsageError('FILE_UNWRITABLE', {
      at: directory,
      expected: 'a folder that can be made',
      received: cause instanceof Error ? cause.message : String(cause),
      fix: 'give another path',
      cause,
    });
  }
  return directory;
}
