import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { at, mean } from '../../lib/arithmetic.ts';
import type { Abstention } from '../../lib/contracts/abstention.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { UsageError } from '../../lib/errors.ts';
import { resolveSpec } from '../../lib/estimates/resolve-spec.ts';
import { deleteCheckpoints } from '../../lib/jobs/attempt-checkpoints.ts';
import { importSource } from '../../lib/library/import-source.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { canScalePerLabel } from '../../lib/models/calibrate-head.ts';
import { heldOutScores } from '../../lib/pipeline/held-out-scores.ts';
import { openTraining } from '../../lib/pipeline/open-training.ts';
import { planTraining } from '../../lib/pipeline/plan-training.ts';
import { trainPlan } from '../../lib/pipeline/train-plan.ts';
import { lossOf, taskOf } from '../../lib/pipeline/training-context.ts';
import type { World } from '../../lib/ports.ts';
import { precisionThresholds } from '../../lib/reports/measure/precision-thresholds.ts';
import { predictedClasses } from '../../lib/reports/statistics/confusion-pairs.ts';
import { newId } from '../../lib/store/new-id.ts';
import { freeVariables } from '../../lib/tensor/free-variables.ts';
import { calibrate } from '../../lib/training/calibration/calibrate.ts';
import { scaleLogits } from '../../lib/training/calibration/logit-scaling.ts';
import { metricsOf } from '../../lib/training/evaluate.ts';
import { type LabelledLogits, probabilitiesOf } from '../../lib/training/metrics/labelled-logits.ts';
import { tuneThresholds } from '../../lib/training/metrics/tune-thresholds.ts';
import { predictLogits } from '../../lib/training/predict-logits.ts';
import { beginPublishing } from '../support/models/begin-publishing.ts';
import type { Table } from './bench.ts';
import { CalibrationRow, calibrationTable, summarizeCalibration } from './calibration-table.ts';
import { appendRow, readRows } from './table-rows.ts';

const SETS = ['ants-bees', 'brain-mri', 'trash', 'steel-defects', 'sign-digits', 'cifar10', 'scenes-multilabel'];
/** The target precision at which models abstain. */
const PRECISION = 0.95;

/** Measures the benefit of calibration and tuned thresholds on test images. */
export const calibration: Table = {
  name: 'calibration',
  about:
    'test negative log-likelihood and calibration error of heads before and after calibration, precision of single-label ' +
    `models that abstain at a target of ${PRECISION}, and F1 with tuned thresholds against 0.5, on the sets in GRAFT_DATA; goes ` +
    'on where it was interrupted [--sets A,B] [--seeds 0,1,2,3,4] [--heads stages,linear,mlp] [--folder PATH]',
  async run(args) {
    const { data, folder, sets, seeds, heads } = parseOptions(args);
    const file = join(folder, 'calibration.jsonl');
    await mkdir(folder, { recursive: true });
    const known = new Set((await readRows(file, CalibrationRow)).map(keyOf));
    const world = openEmbeddedWorld(join(folder, 'data'), () => {});
    try {
      for (const set of sets) {
        const missing = heads
          .flatMap((head) => seeds.map((seed) => ({ set, head, seed })))
          .filter((job) => !known.has(keyOf(job)));
        if (missing.length > 0) await importSource(join(data, set), world, { name: set });
        for (const job of missing) {
          const row = await freeVariables(() => measure(job, world));
          await appendRow(file, row);
          console.error(JSON.stringify(row));
        }
      }
    } finally {
      world.close();
    }
    const rows = await readRows(file, CalibrationRow);
    return { markdown: calibrationTable(rows), json: { rows, sets: summarizeCalibration(rows) } };
  },
};

type Job = Pick<CalibrationRow, 'set' | 'head' | 'seed'>;

function keyOf({ set, head, seed }: Job): string {
  return `${set}/${head}/${seed}`;
}

function parseOptions(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { sets: text, seeds: text, heads: text, folder: text } });
  const { GRAFT_DATA: data } = process.env;
  if (data === undefined)
    throw new UsageError('BENCH_DATA_MISSING', { at: 'GRAFT_DATA', expected: `a folder with ${SETS.join(', ')}` });
  const sets = values.sets?.split(',') ?? SETS;
  const unknown = sets.find((set) => !SETS.includes(set));
  if (unknown !== undefined) throw new UsageError('USAGE', { at: '--sets', expected: SETS.join(', '), received: unknown });
  return {
    data,
    folder: resolve(values.folder ?? '.graft/calibration'),
    sets,
    seeds: (values.seeds ?? '0,1,2,3,4').split(',').map(Number),
    heads: (values.heads ?? 'stages,linear,mlp').split(','),
  };
}

/** Trains a head as a job would (`stages`: as one with --fast), and evaluates it with and without calibration. */
async function measure({ set, head, seed }: Job, world: World): Promise<CalibrationRow> {
  const frozen = head === 'stages' ? { strategy: 'stage-features' } : { strategy: 'feature-extraction', head };
  const asked = { name: set, dataset: set, ...frozen, training: { seed } };
  const spec = await resolveSpec(JobSpec.parse(asked), world.store);
  const now = world.clock.now().toISOString();
  const job = {
    id: newId('job', world.clock.now()),
    state: 'RUNNING',
    spec,
    createdAt: now,
    updatedAt: now,
    attempt: 1,
  } as const;
  const { signal } = new AbortController();
  const jobContext = { report: () => {}, flush: async () => {}, beginPublishing, signal };
  const context = await openTraining(job, world, jobContext);
  const { labels } = context.dataset;
  const trained = await trainPlan(await planTraining(context), context);
  const held = await heldOutScores(trained, context);
  const perLabel = canScalePerLabel(trained.head);
  const found = await calibrate(held.scores, { ...(held.foldOf && { foldOf: held.foldOf }), perLabel });
  const { network } = await trained.retrain({ name: 'refit' });
  const raw = await predictLogits(network, trained.examples.test, lossOf(job));
  await trained.close();
  await deleteCheckpoints(job, world.store);
  const calibrated = scaleLogits(raw, found.scaling);
  const of = (scores: typeof raw, thresholds?: readonly number[]) => {
    const { negativeLogLikelihood, expectedCalibrationError, microF1, macroF1 } = metricsOf(scores, labels, thresholds);
    return { negativeLogLikelihood, expectedCalibrationError, microF1, macroF1 };
  };
  return CalibrationRow.parse({
    set,
    head,
    seed,
    task: taskOf(job),
    method: found.method,
    images: held.scores.count,
    before: of(raw),
    after: of(calibrated),
    ...(taskOf(job) === 'single-label' && { abstaining: abstain(calibrated, precisionThresholds(found.heldOut)) }),
    ...(taskOf(job) === 'multi-label' && { tuned: of(calibrated, tuneThresholds(found.heldOut)) }),
  });
}

/** What a model does on test images if it abstains below the threshold of the target precision. */
function abstain(scores: LabelledLogits, { targets }: Abstention): CalibrationRow['abstaining'] {
  const [threshold] = targets.find(({ precision }) => precision === PRECISION)?.thresholds ?? [];
  // The target is out of reach: the model refuses it.
  if (threshold === undefined || threshold === null) return undefined;
  const { truth, predicted } = predictedClasses(scores);
  const probabilities = probabilitiesOf(scores);
  const isGiven = (of: number, row: number) => at(probabilities, row * scores.classes + of) >= threshold;
  const given = [...predicted].flatMap((of, row) => (isGiven(of, row) ? [truth[row] === of ? 1 : 0] : []));
  return given.length === 0 ? undefined : { precision: mean(given), coverage: given.length / scores.count };
}
