import { closeOnFailure } from '../../close-on-failure.ts';
import type { TuningPlan } from '../../freezing/plan-strategy.ts';
import { concatHistories, epochsOf } from '../../training/fit-phases.ts';
import { type Interpolation, interpolateWeights } from '../../training/interpolate-weights.ts';
import { disposeWeights } from '../../training/layers-model/dispose-weights.ts';
import { withEvidence } from '../extend-strategy.ts';
import { type FineTunedNetwork, type TrainedHead, type TrainedNetwork, tuningTimesOf } from '../network.ts';
import { openNetwork } from '../open-network.ts';
import { type ImageVariants, type PreparedExamples, prepareExamples, prepareVariants } from '../prepare-examples.ts';
import { type FinishedTraining, repeatPhases } from '../repeat-phases.ts';
import { headTraining } from '../retraining.ts';
import { trainPhases } from '../train-phases.ts';
import type { TrainingContext } from '../training-context.ts';
import { lossRose, timeExhausted, wasShortened } from './explain-tuning.ts';
import { type NoTime, type OpenedTuning, type PlannedTuning, planTuning, variesLater } from './plan-tuning.ts';
import { watchTuning } from './watch-tuning.ts';
import { interpolateTail, interpolationEvidence } from './weight-interpolation.ts';

/** A tail that trained with the head in front of which it lies. */
export interface TunedTail {
  /**
   * The tail with its head, or the head alone if that was better. Its seconds exclude those of the head. It is closed
   * together with the head.
   */
  readonly trained: TrainedNetwork;
  readonly interpolation: Interpolation | undefined;
}

/** Strategy `auto` had no time or no memory for the plan, so the trained head is the result. */
export interface LeftOut {
  readonly leftOut: TunedTail;
  readonly why: string;
}

/**
 * Trains the layers after the plan's cut with the trained head. The weights of a network that is not the result are
 * disposed, so that their memory is free.
 * @param name of this training within the job
 * @param earlier the fine-tuning of fewer layers, if this one is of more
 */
export async function fineTuneTail(
  name: string,
  plan: TuningPlan,
  warm: TrainedHead,
  context: TrainingContext,
  earlier?: TunedTail,
): Promise<TunedTail | LeftOut> {
  const seconds = context.work.startTraining();
  const { carriesStages: withStages, augment } = plan;
  const prepared = await prepareExamples(plan.cut, undefined, context, {
    withStages,
    augment: variesLater(plan) ? 'none' : augment?.augmentation,
  });
  const opened = await closeOnFailure(prepared, () => openNetwork(plan, prepared.trunk, warm.head, context));
  const close = async () => disposeWeights(opened.model);
  const canKeepFrozen = plan.chosenBy === 'auto' && earlier === undefined;
  const spent = earlier && tuningTimesOf(earlier.trained)?.training;
  const tuning = { name, plan, warm, opened, canKeepFrozen, spent: spent ?? 0, seconds };
  const tuned = await closeOnFailure({ close }, () => planAndTrain(tuning, prepared, context));
  if ('leftOut' in tuned || tuned.trained.model !== opened.model) await close();
  return tuned;
}

/** @param prepared the images alone; closed with the result, or before random variants of them are opened */
async function planAndTrain(
  tuning: OpenedTuning,
  prepared: PreparedExamples,
  context: TrainingContext,
): Promise<TunedTail | LeftOut> {
  const planned = await closeOnFailure(prepared, () => planTuning(tuning, prepared, context));
  if ('noTime' in planned) return leaveOut(tuning, prepared, planned);
  const trained = planned.variants === undefined ? prepared : await withVariants(prepared, planned.variants, context);
  return closeOnFailure(trained, () => trainOpened(tuning, planned, trained, context));
}

function leaveOut({ plan, warm, seconds }: OpenedTuning, { close }: PreparedExamples, { noTime, needed }: NoTime): LeftOut {
  const strategy = timeExhausted(plan, noTime, needed);
  return { leftOut: { trained: { ...warm, strategy, seconds: seconds(), close }, interpolation: undefined }, why: noTime };
}

/** Closes the features of the images before it opens them together with those of their variants. */
async function withVariants(
  { trunk, close }: PreparedExamples,
  variants: ImageVariants,
  context: TrainingContext,
): Promise<PreparedExamples> {
  await close();
  return prepareVariants(trunk, variants, context);
}

async function trainOpened(
  tuning: OpenedTuning,
  { plan, phases, watched }: PlannedTuning,
  prepared: PreparedExamples,
  context: TrainingContext,
): Promise<TunedTail> {
  const { name, warm, opened, canKeepFrozen } = tuning;
  const { examples, close } = prepared;
  const { fineTuning } = context.job.spec;
  const keep = fineTuning.blend ? 'last' : 'best';
  const watch = watched && (await watchTuning({ ...watched, name, planned: epochsOf(phases) }, context));
  const before = await opened.network.snapshot();
  const tuningSet = { ...examples, phase: 'fine-tuning' } as const;
  const options = { keep, ...(watch && { mayContinue: watch.mayContinue }) } as const;
  const fitted = await trainPhases(name, opened.network, phases, tuningSet, context, options);
  const { history, bestEpoch } = concatHistories(fitted, keep);
  const end = await watch?.end(history.length);
  const interpolation = fineTuning.blend
    ? await interpolateTail(opened.network, { before, canKeepFrozen }, examples.validation, context)
    : undefined;
  const seconds = tuning.seconds();
  if (interpolation?.share === 0)
    return { trained: { ...warm, strategy: lossRose(plan, interpolation), seconds, close }, interpolation };
  const earlier = warm.history.length;
  const strategy = interpolation === undefined ? plan : withEvidence(plan, interpolationEvidence(interpolation));
  const trained: FineTunedNetwork = {
    ...prepared,
    ...opened,
    strategy: end?.limit === undefined ? strategy : wasShortened(strategy, history.length, end.limit),
    training: warm.training,
    trains: 'head-then-tail',
    tuning: name,
    ...(end && { timed: end.timed }),
    retrain: retrainTail(tuning, prepared, { phases, fitted, keep, examples, share: interpolation?.share }, context),
    history: [...warm.history, ...history.map((epoch) => ({ ...epoch, epoch: epoch.epoch + earlier }))],
    bestEpoch: earlier + bestEpoch,
    seconds,
  };
  return { trained, interpolation };
}

/** A finished fine-tuning. */
interface FinishedTuning extends FinishedTraining {
  /** Of the weights after it, in the interpolation with those before; undefined if there was none. */
  readonly share: number | undefined;
}

/** Repeats a fine-tuning with a retrained head, and interpolates by the same share. */
function retrainTail(
  { name, plan, warm }: OpenedTuning,
  { trunk }: PreparedExamples,
  finished: FinishedTuning,
  context: TrainingContext,
): TrainedNetwork['retrain'] {
  return async (retrainOptions) => {
    const { head } = await warm.retrain(retrainOptions);
    const other = await openNetwork(plan, trunk, head, context, headTraining(retrainOptions, context));
    const start = await other.network.snapshot();
    await repeatPhases(`${name}-${retrainOptions.name}`, other.network, finished, retrainOptions, context);
    const { share } = finished;
    if (share !== undefined) interpolateWeights(other.network, start, await other.network.snapshot(), share);
    return other;
  };
}
