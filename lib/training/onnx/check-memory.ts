import type { LayersModel } from '@tensorflow/tfjs-layers';
import { product, sum } from '../../arithmetic.ts';
import { type Dims, inferShapes } from '../../autodiff/infer-shapes.ts';
import type { TrainingSpec } from '../../contracts/training-spec.ts';
import type { TrainerOptions } from '../engine.ts';
import { changingVariables, trainableVariables } from '../layers-model/leaf-layers.ts';
import { exampleShape } from '../layers-model/model-shape.ts';
import { checkStepFits, type Step } from '../memory-limit.ts';
import { slotNames } from '../optimizer-slots.ts';
import { evaluationBatchSize } from '../predict-logits.ts';
import { buildTrainingGraph } from './training-graph.ts';

/** What the settings of a training tell of its memory. */
export interface MemoryOptions extends Pick<TrainerOptions, 'loss' | 'inferring'> {
  readonly model: LayersModel;
  readonly training: TrainingSpec;
}

/** Gradients of values and the gaps of the allocator, as a share of the values of the forward pass. */
const OVERHEAD = 1.3;
/** Most temporary values of the largest size. */
const TEMPORARY = 3;

/**
 * Estimates the memory of a training in onnxruntime, for any batch size, in bytes: the values of the forward pass, which
 * the backward pass uses, those of an evaluation, and arrays of the size of the weights.
 */
export function estimateOnnxMemory({ model, training: spec, ...options }: MemoryOptions): (step: Step) => number {
  const graph = buildTrainingGraph(model, options);
  const sizes = sizesOf(graph);
  const perExample = 4 * (OVERHEAD * sum(sizes.batch) + TEMPORARY * Math.max(0, ...sizes.batch));
  const fixed = 4 * (OVERHEAD * sum(sizes.fixed) + TEMPORARY * Math.max(0, ...sizes.fixed));
  const variables = trainableVariables(model).map(({ name, layer, variable }) => ({ name, layer, size: variable.size }));
  const trained = 4 * sum(variables.map(({ size }) => size));
  const slots = slotNames(spec.optimizer).length;
  const state = 4 * sum(changingVariables(model).map(({ variable }) => variable.size));
  // Evaluation keeps its own arena, in which values make room for later ones.
  const evaluated = Math.max(0, ...sizes.batch) * evaluationBatchSize(exampleShape(model)) + Math.max(0, ...sizes.fixed);
  const evaluation = 4 * TEMPORARY * evaluated;
  return ({ batchSize, gradientAccumulation }) => {
    const gradients = gradientAccumulation > 1 ? 2 * trained : trained;
    const batches = 2 * batchSize * 4 * product(exampleShape(model));
    // A checkpoint holds the weights, the slots and the best weights, both raw and encoded.
    const training = batchSize * perExample + fixed + gradients + slots * trained + batches;
    return training + evaluation + 3 * state + 2 * (2 * state + slots * trained);
  };
}

/** Checks the memory of a training before it begins. @throws CapacityError MEMORY_TOO_SMALL */
export function checkOnnxMemory(options: MemoryOptions, available = process.availableMemory()): void {
  const memoryOf = estimateOnnxMemory(options);
  checkStepFits(options.training, (step) => {
    const needed = memoryOf(step);
    return needed > available ? { of: 'this process', needed, there: available } : undefined;
  });
}

/** Elements of the values of the forward pass: of each example, and of those without a batch. */
function sizesOf({ model: { graph }, forwardSize, parameters }: ReturnType<typeof buildTrainingGraph>): {
  readonly batch: number[];
  readonly fixed: number[];
} {
  const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const inputs = new Map<string, Dims>([
    ...graph.input.map(({ name, type }) => {
      const { dim = [] } = type?.tensorType?.shape ?? {};
      return [name, dim.map(({ dimValue }) => dimValue ?? null)] as const;
    }),
    ...parameters.map(({ name, dims }) => [name, dims] as const),
  ]);
  const nodes = graph.node.slice(0, forwardSize);
  const shapes = inferShapes(nodes, constants, inputs);
  const values = nodes.map(({ output: [name = ''] }) => shapes.get(name) ?? []);
  const elements = (dims: Dims): number => product(dims.map((size) => size ?? 1));
  const isBatch = (dims: Dims): boolean => dims.some((size) => size === null);
  return { batch: values.filter(isBatch).map(elements), fixed: values.filter((dims) => !isBatch(dims)).map(elements) };
}
