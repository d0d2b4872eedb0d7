import type { FittedCalibration } from '../../lib/contracts/calibration.ts';
import type { Metrics } from '../../lib/contracts/metrics.ts';
import { counted, percent } from '../../lib/format.ts';

type Scores = Pick<Partial<Metrics>, 'accuracy' | 'balancedAccuracy' | 'meanAveragePrecision' | 'microF1' | 'macroF1' | 'auc'>;

/**
 * The most informative metrics of a model, by name. In multi-label models most labels are absent from most images, so
 * accuracy is always high: it is not among these. Only one-class models have no F1 of all classes; the area under the
 * ROC curve says how well they tell other images from those of their class.
 */
export function scoresOf({
  accuracy,
  balancedAccuracy,
  meanAveragePrecision,
  microF1,
  macroF1,
  auc,
}: Scores): [string, number][] {
  const named: [string, number | undefined][] =
    meanAveragePrecision === undefined
      ? [
          ['accuracy', accuracy],
          ['balanced', balancedAccuracy],
          ['AUROC', macroF1 === undefined ? auc : undefined],
        ]
      : [
          ['mAP', meanAveragePrecision],
          ['micro F1', microF1],
          ['macro F1', macroF1],
        ];
  return named.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

/** `accuracy 77.8%, balanced 77.8%`, or `mAP 92.1%, micro F1 85.3%, macro F1 84.9%`; the first `most` of them. */
export function headline(metrics: Scores, most = 3): string {
  return scoresOf(metrics)
    .slice(0, most)
    .map(([name, value]) => `${name} ${percent(value)}`)
    .join(', ');
}

/** `temperature 0.53, by cross-validation on 432 images: expected calibration error 6.4% before, 1.8% after` */
export function describeCalibration(
  { method, scores, images, expectedCalibrationError }: FittedCalibration,
  temperature: number,
): string {
  const { before, after } = expectedCalibrationError;
  const how = {
    none: 'none',
    temperature: `temperature ${temperature.toFixed(2)}`,
    'per-label': 'a scale and an offset for each label',
  };
  const on =
    scores === 'cross-validation'
      ? `by cross-validation on ${counted(images, 'image')}`
      : `on ${counted(images, 'validation image')}`;
  if (method !== 'none')
    return `${how[method]}, ${on}: expected calibration error ${percent(before)} before, ${percent(after)} after`;
  return `none: no calibration lowered the loss ${on}; expected calibration error ${percent(before)}`;
}
