import { CHOSEN_BACKBONE, type JobSpec } from '../contracts/job-spec.ts';
import { SpecError } from '../errors.ts';
import { hasTail, planFreeze, planNamed } from '../freezing/cut-plan.ts';

/**
 * Checks that a spec with a backbone in int8 keeps one backbone frozen: int8 layers do not train, and heads on both
 * precisions are compared for one backbone and one spec.
 * @param spec with its backbone and strategy resolved
 * @throws SpecError BACKBONE_PRECISION_INCOMPATIBLE
 */
export function checkBackbonePrecision(spec: JobSpec): void {
  if (spec.backbone.precision !== 'int8') return;
  const obstacle = obstacleOf(spec);
  if (obstacle !== undefined) throw new SpecError('BACKBONE_PRECISION_INCOMPATIBLE', { at: 'backbone.precision', ...obstacle });
}

function obstacleOf({ backbone, task, strategy, effort, freeze, search }: JobSpec) {
  const leaveOut = 'leave the precision out';
  if (backbone.name === CHOSEN_BACKBONE) {
    return {
      expected: 'int8 with one named backbone',
      received: 'a comparison of backbones, which computes their features in float32',
      fix: `name one backbone, or ${leaveOut}`,
    };
  }
  if (search !== undefined) {
    return {
      expected: 'int8 without a search, whose trials share features in float32',
      received: 'a search',
      fix: `search first, and train the best spec with int8, or ${leaveOut}`,
    };
  }
  if (task === 'one-class') {
    return {
      expected: 'int8 for a classifier, whose loss on labelled images shows what int8 costs',
      received: 'the task one-class',
      fix: leaveOut,
    };
  }
  if (freeze !== undefined) {
    if (!hasTail(planFreeze(freeze, backbone))) return undefined;
    return {
      expected: 'int8 with a frozen backbone: freeze "all"',
      received: 'a freeze that leaves layers of the backbone to train',
      fix: `freeze all layers, or ${leaveOut}`,
    };
  }
  const mayTrain = strategy === 'auto' ? effort !== 'fast' : hasTail(planNamed(strategy, backbone));
  if (!mayTrain) return undefined;
  return {
    expected: 'int8 with a frozen backbone: effort fast, or strategy feature-extraction, stage-features or earlier-features',
    received: `strategy ${strategy}, which may train layers of the backbone`,
    fix: `use effort fast or such a strategy, or ${leaveOut}`,
  };
}
