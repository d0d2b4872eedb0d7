import type { ModelReport } from '../../contracts/model-report.ts';
import type { ReportPart } from '../../contracts/report-parts.ts';
import type { ReportInput } from './report-input.ts';

/** Says in one sentence why each absent part of a report is absent. */
export function omittedParts(
  report: Omit<ModelReport, 'omitted'>,
  { scored: { facts, scores }, suspects, otherOmitted, other }: ReportInput,
): ModelReport['omitted'] {
  const isMulti = report.task === 'multi-label';
  const noImages = 'The images are not in the store any more.';
  const reasons: Readonly<Record<Exclude<ReportPart, 'data'>, string>> = {
    candidates: 'The strategy was not chosen by evidence, so no candidates were compared.',
    trials: 'The job did not search for hyperparameters.',
    history: 'The head was fitted in closed form, so there are no epochs.',
    confusion: 'A confusion matrix needs exclusive classes, and the images of this data set may have several labels.',
    roc: 'No class has both images with it and images without it among the evaluated images.',
    precisionRecall: 'No class has images among the evaluated images.',
    calibration: 'The model was published by a version of Graft that did not record its calibration.',
    coverage: 'A model of several labels an image has no single confidence; it has a threshold for each label.',
    thresholds: isMulti
      ? 'No label has images among the evaluated images.'
      : 'The classes exclude each other, so the most probable one is predicted, without thresholds. With --precision or --abstain, predict leaves out what is too uncertain.',
    errors: report.errorCount === 0 ? 'The model predicts every evaluated image correctly.' : noImages,
    leastSure: scores.count === 0 ? 'There are no evaluated images.' : noImages,
    suspects:
      suspects === undefined
        ? 'The labels were not checked, because no job on this data set has computed features of the top of a backbone.'
        : `No image among ${suspects.checked} is surrounded by images of another class.`,
    sizes: facts.sizesOmitted ?? 'There are too few training images to compare parts of them.',
    comparison: other === undefined ? otherOmitted : 'The two versions were not evaluated on the same images.',
  };
  const ofTask = report.task === 'one-class' ? { ...reasons, ...oneClassReasons(report) } : reasons;
  const members = { ...report, candidates: report.strategy.candidates };
  return Object.fromEntries(Object.entries(ofTask).filter(([part]) => Reflect.get(members, part) === undefined));
}

/** The reasons that are others for a model of one class. */
function oneClassReasons({ errorCount }: Pick<ModelReport, 'errorCount'>): Partial<ModelReport['omitted']> {
  const others = 'All evaluated images are of the class of the model; graft evaluate takes a data set with others.';
  return {
    history: 'A one-class model measures distances from features; no network was trained, so there are no epochs.',
    confusion: others,
    roc: others,
    precisionRecall: others,
    calibration: 'The probability of a one-class model is a function of its score, 0.5 at the threshold.',
    coverage: 'A one-class model answers whether an image is known; it does not abstain.',
    thresholds: 'The model has one threshold, that of its novelty score.',
    ...(errorCount === 0 && { errors: 'The model knows every evaluated image.' }),
  };
}
