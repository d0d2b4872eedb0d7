import { closeOnFailure } from '../close-on-failure.ts';
import type { Plan } from '../freezing/plan-strategy.ts';
import { concatHistories } from '../training/fit-phases.ts';
import { tailPhases } from '../training/tail-phases.ts';
import type { Network, TrainedTail } from './network.ts';
import { openNetwork } from './open-network.ts';
import { prepareExamples } from './prepare-examples.ts';
import { repeatPhases } from './repeat-phases.ts';
import { headTraining, type RetrainOptions } from './retraining.ts';
import { checkPhasesMemory, findRate, trainPhases } from './train-phases.ts';
import type { TrainingContext } from './training-context.ts';

/**
 * Trains all layers after the cut, with pretrained weights and a new head, in one phase as with Keras's `trainable`.
 */
export async function trainTail(plan: Plan, context: TrainingContext): Promise<TrainedTail> {
  const { spec } = context.job;
  const prepared = await prepareExamples(plan.cut, undefined, context);
  return closeOnFailure(prepared, async () => {
    const seconds = context.work.startTraining();
    const opened = await openNetwork(plan, prepared.trunk, undefined, context);
    await checkPhasesMemory(opened.network, context);
    const { layerRate } = tailPhases(opened.layers, spec.training, spec.fineTuning, true)[0] ?? {};
    const training = await findRate(spec.training, { network: opened.network, layerRate }, prepared.examples, context);
    const phases = tailPhases(opened.layers, training, spec.fineTuning, true);
    const fitted = await trainPhases('tail', opened.network, phases, prepared.examples, context);
    const retrain = async (retrainOptions: RetrainOptions): Promise<Network> => {
      const other = await openNetwork(plan, prepared.trunk, undefined, context, headTraining(retrainOptions, context));
      await repeatPhases(
        retrainOptions.name,
        other.network,
        { phases, fitted, examples: prepared.examples },
        retrainOptions,
        context,
      );
      return other;
    };
    return {
      ...prepared,
      ...opened,
      ...concatHistories(fitted),
      strategy: plan,
      training,
      trains: 'tail',
      retrain,
      seconds: seconds(),
    };
  });
}
