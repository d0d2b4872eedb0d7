import type { LayersModel } from '@tensorflow/tfjs-layers';
import { sumOf } from '../../arithmetic.ts';
import type { OnnxDevice, OnnxResult } from '../../onnx/onnx-session.ts';
import type { EngineNetwork, EngineRuntime } from '../engine.ts';
import { changingVariables, unfreezeLayers } from '../layers-model/leaf-layers.ts';
import { classCount, exampleShape } from '../layers-model/model-shape.ts';
import { checkOnnxMemory } from './check-memory.ts';
import type { EvaluationSession } from './evaluation-session.ts';
import { termsPerExample } from './loss-graph.ts';
import { ModelWeights } from './model-weights.ts';
import { createOnnxTrainer } from './onnx-trainer.ts';
import { penaltiesOf, penaltyValue } from './penalties.ts';

/** What the networks of an engine share. */
export interface OnnxNetworkOptions {
  readonly runtime: EngineRuntime;
  readonly device: OnnxDevice;
  readonly evaluation: EvaluationSession;
}

/** Opens a model as a network in onnxruntime. */
export function openOnnxNetwork(model: LayersModel, { runtime, device, evaluation }: OnnxNetworkOptions): EngineNetwork {
  const weights = new ModelWeights(model);
  const namesOf = (layers?: readonly string[]) => changingVariables(model, layers).map(({ name }) => name);
  return {
    runtime,
    async evaluate({ inputs, targets, weights: ofExamples }, loss) {
      const classes = classCount(model);
      const count = targets.length / classes;
      const terms = count * termsPerExample(loss, classes);
      const open = await evaluation.of(model, loss);
      const feeds = new Map<string, OnnxResult>([
        ['inputs', { data: inputs, dims: [count, ...exampleShape(model)] }],
        ['targets', { data: targets, dims: [count, classes] }],
        ['weights', { data: new Float32Array(count).map((_, row) => (ofExamples?.[row] ?? 1) / terms), dims: [count, 1] }],
      ]);
      for (const parameter of open.parameters) feeds.set(parameter.name, weights.feed(parameter));
      const results = await open.session.run(feeds, new Map([open.logits, open.loss].map((name) => [name, undefined])));
      const logits = results.get(open.logits)?.data ?? new Float32Array();
      return { logits, loss: results.get(open.loss)?.data[0] ?? Number.NaN };
    },
    penalty: async () => sumOf(penaltiesOf(model), (penalty) => penaltyValue(weights.array(penalty.weight), penalty)),
    unfreeze: (layers) => unfreezeLayers(model, layers),
    changing: () => changingVariables(model).map(({ name, variable: { shape } }) => ({ name, shape })),
    snapshot: async (layers) => new Map(namesOf(layers).map((name) => [name, weights.read(name)])),
    restore(snapshot, layers) {
      for (const name of namesOf(layers)) {
        const copy = snapshot.get(name);
        if (copy === undefined) throw new TypeError(`the snapshot lacks ${name}`);
        weights.write(name, copy.values);
      }
    },
    openTrainer: (options) =>
      createOnnxTrainer(
        {
          model,
          weights,
          device,
          onClose: () => evaluation.close(model),
        },
        options,
      ),
    async checkMemory({ loss, inferring, training }) {
      checkOnnxMemory({ model, loss, inferring, training });
    },
  };
}
