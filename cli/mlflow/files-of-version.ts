import { createHash } from 'node:crypto';
import { leafMembers } from '../../lib/contracts/explain/leaf-members.ts';
import type { Metrics } from '../../lib/contracts/metrics.ts';
import type { EpochRecord, ModelCard } from '../../lib/contracts/model-card.ts';

/** A training as files of MLflow's file store: an experiment for each model, with a run for each job. */
export interface MlflowRun {
  /** Folders of the experiment and of the run in it. */
  readonly experiment: string;
  readonly run: string;
  /** Contents by path: of the experiment's folder, and of the run's. */
  readonly experimentFiles: ReadonlyMap<string, string>;
  readonly runFiles: ReadonlyMap<string, string>;
}

/** MLflow's enumerations: RunStatus.FINISHED and SourceType.LOCAL. */
const FINISHED = 3;
const LOCAL = 4;
/** MLflow refuses longer values of parameters and tags. */
const MOST_CHARACTERS = 5000;

/**
 * Describes a training as MLflow's file store keeps it. The ids follow from the names of the model and of the job.
 * @param root the URL of the store's folder
 */
export function filesOfVersion(
  card: ModelCard,
  { version, history, root }: { readonly version: number; readonly history: readonly EpochRecord[]; readonly root: string },
): MlflowRun {
  const time = new Date(card.createdAt).getTime();
  const experiment = BigInt(`0x${digestOf(card.model).slice(0, 14)}`).toString();
  const run = digestOf(card.job).slice(0, 32);
  const experimentMeta = {
    artifact_location: `${root}/${experiment}`,
    creation_time: time,
    experiment_id: experiment,
    last_update_time: time,
    lifecycle_stage: 'active',
    name: card.model,
  };
  const runMeta = {
    artifact_uri: `${root}/${experiment}/${run}/artifacts`,
    end_time: time,
    entry_point_name: '',
    experiment_id: experiment,
    lifecycle_stage: 'active',
    run_id: run,
    run_name: card.job,
    source_name: '',
    source_type: LOCAL,
    source_version: '',
    start_time: time,
    status: FINISHED,
    tags: [],
    user_id: 'graft',
  };
  const tags = {
    'mlflow.runName': card.job,
    'mlflow.note.content': card.strategy.reason,
    'graft.version': `${card.model}@${version}`,
    'graft.strategy': card.strategy.name,
    'graft.dataset': card.spec.dataset,
  };
  return {
    experiment,
    run,
    experimentFiles: new Map([['meta.yaml', yaml(experimentMeta)]]),
    runFiles: new Map([
      ['meta.yaml', yaml(runMeta)],
      ...Object.entries(tags).map(([name, value]) => [`tags/${name}`, shorten(value)] as const),
      ...parametersOf(card.spec).map(([path, value]) => [`params/${path}`, shorten(textOf(value))] as const),
      ...metricFiles(card, history, time),
    ]),
  };
}

/** The members of a spec by path, which MLflow uses as file names. Class weights are one: their names are labels. */
function parametersOf({ training: { classWeights, ...training }, ...spec }: ModelCard['spec']): [string, unknown][] {
  return [...leafMembers({ ...spec, training }), ['training.classWeights', classWeights]];
}

/** A line for each step: time, value, step. */
function metricFiles({ metrics, bestEpoch }: ModelCard, history: readonly EpochRecord[], time: number): [string, string][] {
  const curve = (name: string, of: (epoch: EpochRecord) => number): [string, string][] =>
    history.length === 0 ? [] : [[`metrics/${name}`, history.map((epoch) => `${time} ${of(epoch)} ${epoch.epoch}\n`).join('')]];
  const published = (part: string, of: Metrics | undefined): [string, string][] =>
    Object.entries(of ?? {}).flatMap(([name, value]) =>
      typeof value === 'number' ? [[`metrics/published/${part}/${name}`, `${time} ${value} ${bestEpoch}\n`]] : [],
    );
  return [
    ...curve('train/loss', ({ loss }) => loss),
    ...curve('train/accuracy', ({ accuracy }) => accuracy),
    ...curve('train/learning_rate', ({ learningRate }) => learningRate),
    ...curve('validation/loss', ({ validationLoss }) => validationLoss),
    ...curve('validation/accuracy', ({ validationAccuracy }) => validationAccuracy),
    ...published('validation', metrics.validation),
    ...published('test', metrics.test),
  ];
}

/** Values as JSON are values of YAML, too. */
function yaml(members: Readonly<Record<string, unknown>>): string {
  return Object.entries(members)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join('');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function shorten(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS - 1)}…`;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
