import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LabelledLogits } from '../metrics/labelled-logits.ts';
import { fitTemperature } from './fit-temperature.ts';
import type { LogitScaling } from './logit-scaling.ts';

/**
 * Standard deviations of the priors: of a label's scale relative to the scale of all labels, and of its offset in nats.
 */
const SCALE_DEVIATION = 0.5;
const OFFSET_DEVIATION = 0.5;
/**
 * The smallest scale of a label, relative to the scale of all labels. A positive scale keeps the order of its examples.
 */
const LEAST_SCALE = 0.1;
const STEPS = 50;
/** The Newton decrement, in nats, that counts as converged. */
const PRECISION = 1e-12;

/**
 * Fits a scale and an offset for each label of multi-label scores (Platt scaling, with a maximum a posteriori
 * estimate). All labels share one temperature. Gaussian priors keep each label's scale near this temperature and its
 * offset near 0. The influence of a label's examples grows with their number: a label with three positives stays near
 * the shared values, and one with three hundred follows its own examples.
 * @param scores multi-label
 * @param yieldToEventLoop called before each label and each step of the temperature
 */
export async function fitLabelScaling(
  scores: LabelledLogits,
  yieldToEventLoop: () => Promise<unknown> = nextTurn,
): Promise<LogitScaling> {
  const shared = 1 / (await fitTemperature(scores, yieldToEventLoop));
  const fitted: Line[] = [];
  for (let label = 0; label < scores.classes; label++) {
    await yieldToEventLoop();
    fitted.push(fitLabel(columnOf(scores, label), shared));
  }
  return { scales: fitted.map(({ scale }) => scale * shared), offsets: fitted.map(({ offset }) => offset) };
}

interface Column {
  /** [examples] */
  readonly logits: Float64Array;
  /** [examples], 0 or 1 */
  readonly targets: Float64Array;
}

interface Line {
  /** Relative to the scale of all labels. */
  readonly scale: number;
  readonly offset: number;
}

function columnOf({ count, classes, logits, targets }: LabelledLogits, label: number): Column {
  const at = (values: Float32Array) => Float64Array.from({ length: count }, (_, row) => values[row * classes + label] ?? 0);
  return { logits: at(logits), targets: at(targets) };
}

function fitLabel({ logits, targets }: Column, shared: number): Line {
  const scaled = { logits: logits.map((logit) => logit * shared), targets };
  const free = minimize(scaled, { scale: 1, offset: 0 }, true);
  return free.scale >= LEAST_SCALE ? free : minimize(scaled, { scale: LEAST_SCALE, offset: 0 }, false);
}

/**
 * Newton's method with halved steps; the priors make the objective strictly convex.
 * @param scales whether the scale may change
 */
function minimize(column: Column, start: Line, scales: boolean): Line {
  let at = start;
  let value = objective(column, at);
  for (let step = 0; step < STEPS; step++) {
    const { toScale, toOffset, decrement } = newtonStep(column, at, scales);
    if (decrement < PRECISION) break;
    let next = at;
    for (let share = 1; share > 1e-6; share /= 2) {
      next = { scale: at.scale + share * toScale, offset: at.offset + share * toOffset };
      if (objective(column, next) < value) break;
      next = at;
    }
    if (next === at) break;
    at = next;
    value = objective(column, at);
  }
  return at;
}

/** Negative logarithm of the likelihood and the priors. */
function objective({ logits, targets }: Column, { scale, offset }: Line): number {
  let sum = ((scale - 1) / SCALE_DEVIATION) ** 2 / 2 + (offset / OFFSET_DEVIATION) ** 2 / 2;
  for (const [i, logit] of logits.entries()) {
    const z = logit * scale + offset;
    sum += Math.max(z, 0) - z * (targets[i] ?? 0) + Math.log1p(Math.exp(-Math.abs(z)));
  }
  return sum;
}

function newtonStep({ logits, targets }: Column, { scale, offset }: Line, scales: boolean) {
  let [ofScale, ofOffset] = [(scale - 1) / SCALE_DEVIATION ** 2, offset / OFFSET_DEVIATION ** 2];
  let [scaleScale, scaleOffset, offsetOffset] = [1 / SCALE_DEVIATION ** 2, 0, 1 / OFFSET_DEVIATION ** 2];
  for (const [i, logit] of logits.entries()) {
    const probability = 1 / (1 + Math.exp(-(logit * scale + offset)));
    const error = probability - (targets[i] ?? 0);
    const curvature = probability * (1 - probability);
    ofScale += error * logit;
    ofOffset += error;
    scaleScale += curvature * logit * logit;
    scaleOffset += curvature * logit;
    offsetOffset += curvature;
  }
  if (!scales) return { toScale: 0, toOffset: -ofOffset / offsetOffset, decrement: ofOffset ** 2 / offsetOffset };
  const determinant = scaleScale * offsetOffset - scaleOffset ** 2;
  const toScale = -(offsetOffset * ofScale - scaleOffset * ofOffset) / determinant;
  const toOffset = -(scaleScale * ofOffset - scaleOffset * ofScale) / determinant;
  return { toScale, toOffset, decrement: -(ofScale * toScale + ofOffset * toOffset) };
}
