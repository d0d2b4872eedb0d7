import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import type { Loss } from '../losses/loss.ts';

/** Keras's default weight of the categorical focal loss. */
const ALPHA = 0.25;

/** Logits and targets, [n, classes]. */
interface Compared {
  readonly logits: string;
  readonly targets: string;
  readonly classes: number;
}

/** Number of terms of a loss for each example. */
export function termsPerExample({ task, shares }: Loss, classes: number): number {
  return task === 'single-label' ? (shares?.length ?? 1) : classes;
}

/** Adds the terms of a loss to a graph, [n, terms], each 0 or more. @returns their name */
export function writeLossTerms(graph: GraphBuilder, loss: Loss, { logits, targets, classes }: Compared): string {
  const { shares } = loss;
  if (shares === undefined) return termsOfHead(graph, loss, { logits, targets, classes });
  const size = classes / shares.length;
  const terms = shares.map((share, head) => {
    const columns = (of: string, start: number, end: number): string =>
      graph.add('Slice', [of, ...[start, end, 1].map((value) => graph.integers([value]))]);
    const own = columns(targets, head * size, (head + 1) * size);
    const isIncluded = graph.add('GreaterOrEqual', [columns(own, 0, 1), graph.floats([0])]);
    const counts = graph.add('Cast', [isIncluded], { to: 1 });
    const compared = {
      logits: columns(logits, head * size, (head + 1) * size),
      targets: graph.add('Relu', [own]),
      classes: size,
    };
    // So the mean over all heads' terms equals the sum of the heads' own means.
    const factor = graph.add('Mul', [counts, graph.floats([shares.length / share])]);
    return graph.add('Mul', [termsOfHead(graph, loss, compared), factor]);
  });
  return graph.add('Concat', terms, { axis: 1 });
}

function termsOfHead(graph: GraphBuilder, { kind, task, labelSmoothing, gamma }: Loss, compared: Compared): string {
  const { targets, classes } = compared;
  const smoothed = smooth(graph, targets, labelSmoothing, task === 'single-label' ? classes : 2);
  if (task === 'single-label')
    return categorical(graph, { ...compared, targets: smoothed }, kind === 'focal' ? gamma : undefined);
  return binary(graph, { ...compared, targets: smoothed }, kind === 'focal' ? gamma : undefined);
}

/** Moves targets from 0 and 1 towards one over the number of choices, as Keras does. */
function smooth(graph: GraphBuilder, targets: string, labelSmoothing: number, choices: number): string {
  if (labelSmoothing === 0) return targets;
  const scaled = graph.add('Mul', [targets, graph.floats([1 - labelSmoothing])]);
  return graph.add('Add', [scaled, graph.floats([labelSmoothing / choices])]);
}

/** Terms [n, 1]: -sum(t log p), p = softmax(x); with `gamma`, Keras's CategoricalFocalCrossentropy. */
function categorical(graph: GraphBuilder, { logits, targets }: Compared, gamma: number | undefined): string {
  const logarithm = graph.add('LogSoftmax', [logits], { axis: -1 });
  const terms = graph.add('Mul', [targets, logarithm]);
  const weighted =
    gamma === undefined ? terms : graph.add('Mul', [modulating(graph, graph.add('Exp', [logarithm]), gamma), terms]);
  const total = graph.add('ReduceSum', [weighted, graph.integers([-1])], { keepdims: 1 });
  return graph.add('Mul', [total, graph.floats([gamma === undefined ? -1 : -ALPHA])]);
}

/**
 * Terms [n, classes]: max(x, 0) - x t + log(1 + exp(-|x|)), the cross-entropy of sigmoids without its overflow; with
 * `gamma`, Keras's BinaryFocalCrossentropy without class balancing.
 */
function binary(graph: GraphBuilder, { logits, targets }: Compared, gamma: number | undefined): string {
  const linear = graph.add('Sub', [graph.add('Relu', [logits]), graph.add('Mul', [logits, targets])]);
  const rest = graph.add('Softplus', [graph.add('Neg', [graph.add('Abs', [logits])])]);
  const terms = graph.add('Add', [linear, rest]);
  if (gamma === undefined) return terms;
  const one = graph.floats([1]);
  const probability = graph.add('Sigmoid', [logits]);
  const present = graph.add('Mul', [targets, probability]);
  const absent = graph.add('Mul', [graph.add('Sub', [one, targets]), graph.add('Sub', [one, probability])]);
  return graph.add('Mul', [modulating(graph, graph.add('Add', [present, absent]), gamma), terms]);
}

/** (1 - p)^gamma, where p is the probability of the right class. */
function modulating(graph: GraphBuilder, probability: string, gamma: number): string {
  const rest = graph.add('Sub', [graph.floats([1]), probability]);
  // Keeps the base away from 0, where a gamma below 1 has no derivative.
  return graph.add('Pow', [graph.add('Max', [rest, graph.floats([1e-7])]), graph.floats([gamma])]);
}
