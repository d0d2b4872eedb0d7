import { nearest } from '../../contracts/explain/nearest.ts';
import { SpecError } from '../../errors.ts';
import type { OnnxNode } from '../../onnx/onnx-model.ts';
import { type CutPoint, cutPoints } from './cut-points.ts';
import type { TrainableGraph } from './trainable-graph.ts';

/** What is to train: the top layers, all layers, or those after a value. */
export type WantedCut = 'top' | 'all' | { readonly through: string /** The member of the spec. */; readonly at: string };

/** The share of the layers that train as the top ones. */
const TOP_SHARE = 1 / 4;
/** Names of an error's list. */
const MOST_NAMES = 12;

/**
 * Chooses the value at which an encoder is cut: all layers after it can train.
 * @returns its name; the name of the images for all layers
 * @throws SpecError OWN_MODEL_CUT_UNKNOWN, OWN_MODEL_NOT_TRAINABLE
 */
export function chooseCut(wanted: WantedCut, graph: TrainableGraph): string {
  const points = cutPoints(graph);
  if (wanted === 'top') return topOf(points).value;
  const point = wanted === 'all' ? points.find(({ value }) => value === graph.encoder.images.name) : named(wanted, points);
  if (point === undefined) throw notTrainable(undefined, points);
  if (point.blocked !== undefined || point.layers === 0) throw notTrainable(point.blocked, points);
  return point.value;
}

function canTrain({ blocked, layers }: CutPoint): boolean {
  return blocked === undefined && layers > 0;
}

/** The point with about a quarter of the layers after it; of several, the last. */
function topOf(points: readonly CutPoint[]): CutPoint {
  const wanted = Math.max(1, Math.round(Math.max(0, ...points.map(({ layers }) => layers)) * TOP_SHARE));
  const distance = ({ layers }: CutPoint): number => Math.abs(layers - wanted);
  const able = points.filter(canTrain);
  const [first, ...others] = able.toReversed();
  if (first === undefined) throw notTrainable(points.at(-1)?.blocked, points);
  return others.reduce((best, point) => (distance(point) < distance(best) ? point : best), first);
}

function named({ through, at }: Exclude<WantedCut, string>, points: readonly CutPoint[]): CutPoint {
  const point = points.find(({ value }) => value === through);
  if (point !== undefined) return point;
  const able = points.filter(canTrain).map(({ value }) => value);
  const meant = nearest(through, able);
  throw new SpecError('OWN_MODEL_CUT_UNKNOWN', {
    at,
    expected: `a value that alone leads on to the output, such as ${able.slice(-MOST_NAMES).join(', ')}`,
    received: through,
    fix: meant === undefined ? 'name one of these values' : `did you mean ${meant}?`,
  });
}

function notTrainable(blocked: OnnxNode | undefined, points: readonly CutPoint[]): SpecError {
  const deepest = points.find(canTrain);
  return new SpecError('OWN_MODEL_NOT_TRAINABLE', {
    at: blocked === undefined ? 'backbone.own' : `node ${blocked.name || blocked.output[0]} (${blocked.opType})`,
    expected: 'float32 weights, and operators that have a gradient',
    received: blocked?.opType ?? 'no layer with weights that can train',
    fix:
      deepest === undefined
        ? 'leave strategy and freeze out: then the model stays frozen'
        : `train only the layers after it: freeze.through: "${deepest.value}"`,
  });
}
