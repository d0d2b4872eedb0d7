import type { Plan } from '../freezing/plan-strategy.ts';
import { startStopwatch } from '../stopwatch.ts';
import { inOneRow, phasesThatDidGood } from '../training/fit-phases.ts';
import { tailPhases } from '../training/tail-phases.ts';
import { type Anew, learningSet, type Network, openNetwork, seeded, type TrainedNetwork } from './network.ts';
import { prepareExamples, type TrainingContext } from './prepare-examples.ts';
import { foretellMemory, trainPhases, withFoundRate } from './train-phases.ts';

/** All behind the cut from the pretrained weights and a new head on, as a Keras user would do it. */
export async function trainTail(plan: Plan, context: TrainingContext): Promise<TrainedNetwork> {
  const { spec } = context.job;
  const time = startStopwatch(context.world.clock);
  const prepared = await prepareExamples(plan.cut, undefined, context);
  const features = time.lap();
  const opened = await openNetwork(plan, prepared.trunk, undefined, context);
  await foretellMemory(opened.network, context);
  const { layerRate } = tailPhases(opened.layers, spec.training, spec.fineTuning, true)[0] ?? {};
  const training = await withFoundRate(spec.training, { model: opened.network, layerRate }, prepared.examples, context);
  const phases = tailPhases(opened.layers, training, spec.fineTuning, true);
  const fitted = await trainPhases('tail', opened.network, phases, prepared.examples, context);
  const again = async (anew: Anew): Promise<Network> => {
    const other = await openNetwork(plan, prepared.trunk, undefined, context, anew.seed);
    const repeated = phasesThatDidGood(phases, fitted).map((phase) => ({ ...phase, training: seeded(phase.training, anew) }));
    await trainPhases(anew.name, other.network, repeated, learningSet(prepared.examples, anew), context, { keep: 'last' });
    return other;
  };
  const seconds = { features, train: time.lap() };
  return {
    ...prepared,
    ...opened,
    ...inOneRow(fitted),
    strategy: plan,
    training,
    mayRefit: false,
    again,
    scoreFolds: undefined,
    seconds,
  };
}
