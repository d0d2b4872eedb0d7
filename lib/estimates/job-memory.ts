import { hasTail } from '../freezing/cut-plan.ts';
import { patchCuts } from '../freezing/patch-cuts.ts';
import { beginsWithStages } from '../freezing/plan-strategy.ts';
import { stageColumns } from '../freezing/stage-columns.ts';
import { mostImages, refusalRate } from './detector-images.ts';
import { positionsAt, trainedCost, type WorkFacts } from './work-facts.ts';

const FLOAT_BYTES = 4;
/** Weights, their gradients, and two moments of the optimizer. */
const COPIES = 4;
/** Node.js, TensorFlow, ONNX Runtime and image buffers. */
const BASE_BYTES = 1e9;
/** The maps of the images that a detector is fitted to: those of all folds, of one, and standardized. */
const COPIES_OF_MAPS = 3;

/** Bytes of weights, gradients, optimizer, features and one batch. */
export function memoryOf(facts: WorkFacts): number {
  const { spec, option, total, head } = facts;
  const parameters = total.parameters + head.parameters;
  return (
    BASE_BYTES +
    FLOAT_BYTES * (parameters * 2 + trainedCost(facts).parameters * COPIES) +
    (spec.task === 'one-class' ? detectorBytes(facts) : featureBytes(facts)) +
    batchBytes(hasTail(option.plan) ? spec.training.batchSize : 0, total.multiplyAdds)
  );
}

/** Bytes of the features of all images at the cut; those before the first layer are computed on the fly. */
function featureBytes({ report, option, cut, head, inputSize }: WorkFacts): number {
  const ofMap = cut === undefined ? 0 : cut.channels * positionsAt(cut, inputSize);
  return FLOAT_BYTES * report.accepted * (hasTail(option.plan) ? ofMap : head.features);
}

/**
 * Bytes of the features of all images that a job reads at the same time, which are in temporary files if there are many:
 * those of the head, and those of the tail.
 */
export function featureFileBytes(facts: WorkFacts): number {
  const { spec, report, option, cut, head, inputSize, split } = facts;
  if (spec.task === 'one-class') return report.accepted * patchBytes(facts);
  const { whole, quarters } = beginsWithStages(spec, split.train)
    ? stageColumns(spec.backbone)
    : { whole: head.features, quarters: 0 };
  const ofHead = option.plan.trains === 'tail' ? 0 : whole + quarters;
  const ofTail = hasTail(option.plan) && cut !== undefined ? cut.channels * positionsAt(cut, inputSize) : 0;
  return FLOAT_BYTES * report.accepted * (ofHead + ofTail);
}

/** Bytes of the maps that fitting a detector holds. */
function detectorBytes(facts: WorkFacts): number {
  const bytes = patchBytes(facts);
  if (bytes === 0) return 0;
  return COPIES_OF_MAPS * bytes * Math.min(facts.report.accepted, mostImages(bytes, refusalRate(facts.spec)));
}

/** Bytes of the maps of one image to which a detector is fitted. */
function patchBytes({ cuts, inputSize }: WorkFacts): number {
  const { last, fine } = patchCuts(cuts);
  if (last === undefined) return 0;
  return FLOAT_BYTES * positionsAt(last, inputSize) * (last.channels + (fine?.channels ?? 0));
}

/**
 * Memory that a batch keeps for the backward pass: about one float32 per 40 multiply-adds, in networks of the
 * catalogue.
 */
function batchBytes(images: number, multiplyAdds: number): number {
  return (images * multiplyAdds * FLOAT_BYTES) / 40;
}
