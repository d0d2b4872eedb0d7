import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isTraining, type JobResult } from '../../lib/contracts/job.ts';
import { EpochRecord, type ModelCard } from '../../lib/contracts/model-card.ts';
import { ConflictError, NotFoundError, UsageError } from '../../lib/errors.ts';
import { counted } from '../../lib/format.ts';
import { decodeDocument } from '../../lib/store/documents.ts';
import type { Context } from '../context.ts';
import { unwritable } from '../files/unwritable.ts';
import { filesOfVersion } from '../mlflow/files-of-version.ts';
import { writeRun } from '../mlflow/write-run.ts';
import { EXIT, type Output } from '../output.ts';
import { encodeEvents } from '../tensorboard/encode-events.ts';
import { runsOfVersion } from '../tensorboard/run-of-version.ts';

/** A tool that a training can be written for. */
type RunFormat = 'tensorboard' | 'mlflow';

export interface ExportOptions {
  readonly job: string;
  /** The log directory of TensorBoard, or the folder of MLflow's file store. */
  readonly folder: string;
  readonly to: RunFormat;
}

/**
 * graft export-run JOB --to tensorboard|mlflow DIR: writes the training of a job as event files below DIR/JOB, or as a
 * run of MLflow's file store in DIR. Replaces nothing.
 * @throws ConflictError RUN_UNAVAILABLE; UsageError FILE_EXISTS, FILE_UNWRITABLE
 */
export async function exportRun({ job, folder, to }: ExportOptions, { client }: Context, output: Output): Promise<number> {
  const { model, version } = await resultOf(job, client);
  const { card } = await client.models.version(model, version);
  const history = epochsOf(await readHistory({ model, version }, client));
  const write = to === 'mlflow' ? writeMlflow : writeBoard;
  const files = await write({ job, folder }, { card, version, history });
  const look = {
    tensorboard: `Look at them with TensorBoard (pip install tensorboard):\n  tensorboard --logdir ${folder}`,
    mlflow: `Look at them with MLflow (pip install mlflow):\n  MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri ${folder}`,
  }[to];
  output.result(
    { job, model, version, epochs: history.length, files },
    `${model}@${version}: ${describeEpochs(history)} in ${folder}\n${look}`,
  );
  return EXIT.done;
}

/** A head that was fitted in closed form has a single record, with a learning rate of 0, and no epochs. */
function epochsOf(history: readonly EpochRecord[]): readonly EpochRecord[] {
  return history.length === 1 && history[0]?.learningRate === 0 ? [] : history;
}

function describeEpochs({ length }: readonly EpochRecord[]): string {
  return length === 0 ? 'metrics without epochs, because the head was fitted in closed form,' : counted(length, 'epoch');
}

interface ExportedVersion {
  readonly card: ModelCard;
  readonly version: number;
  readonly history: readonly EpochRecord[];
}

type ExportTarget = Pick<ExportOptions, 'job' | 'folder'>;

async function writeBoard({ job, folder }: ExportTarget, { card, history }: ExportedVersion): Promise<string[]> {
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
  return files;
}

async function writeMlflow({ folder }: ExportTarget, { card, version, history }: ExportedVersion): Promise<string[]> {
  const root = pathToFileURL(resolve(folder)).href;
  return writeRun(folder, filesOfVersion(card, { version, history, root }), makeFolder);
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

/** The folder of a job's run or runs, which must not exist yet. */
async function makeFolder(folder: string, name: string): Promise<string> {
  const directory = join(folder, name);
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
    throw unwritable(directory, 'a folder that can be made', cause);
  }
  return directory;
}
