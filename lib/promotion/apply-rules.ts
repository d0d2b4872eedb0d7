import { type Gate, type GateFailure, type GateRule, isLoss, isOfClass } from '../contracts/gate.ts';
import type { ComparedMetric, ModelDiff } from '../contracts/model-diff.ts';
import { expectationOf, showLoss, showValue } from './describe-rule.ts';

/** A comparison of the version that the alias points to with the one that it shall point to, with all classes. */
export type GateEvidence = Pick<ModelDiff, 'metrics' | 'classes'>;

/** A metric that a rule is about. */
interface Subject {
  readonly name: string;
  /** Undefined if the common images do not give it. */
  readonly metric: ComparedMetric | undefined;
}

/** Applies the rules of a gate. @returns the rules that the version does not meet, in the order of the gate */
export function applyRules({ rules }: Gate, evidence: GateEvidence): GateFailure[] {
  return rules.flatMap((rule) => subjectsOf(rule, evidence).flatMap((subject) => failureOf(rule, subject)));
}

/** A class without images has no metrics: it counts only if a rule names it. */
function subjectsOf({ metric, label }: GateRule, { metrics, classes }: GateEvidence): Subject[] {
  if (!isOfClass(metric)) return [{ name: metric, metric: metrics[metric] }];
  if (label === undefined)
    return classes.flatMap((one) => {
      const found = one[metric];
      return found === undefined ? [] : [{ name: `${metric} of ${one.label}`, metric: found }];
    });
  return [{ name: `${metric} of ${label}`, metric: classes.find((one) => one.label === label)?.[metric] }];
}

function failureOf(gateRule: GateRule, { name: rule, metric }: Subject): GateFailure[] {
  const { metric: name, maxLoss, min, max } = gateRule;
  const show = (value: number) => showValue(gateRule, value);
  const showPoints = (loss: number) => (100 * loss).toFixed(2);
  const expected = expectationOf(gateRule);
  if (metric === undefined) return [{ rule, expected, received: 'no common images that give this metric' }];
  const { before, after, difference } = metric;
  if (maxLoss === undefined) {
    const isMet = min === undefined ? after.value <= (max ?? 0) : after.value >= min;
    return isMet ? [] : [{ rule, expected, received: show(after.value) }];
  }
  const loss = isLoss(name) ? difference.value : -difference.value;
  const change = `from ${show(before.value)} to ${show(after.value)}`;
  const lost = showLoss(gateRule, loss);
  if (maxLoss !== 'interval') return loss <= maxLoss ? [] : [{ rule, expected, received: `${lost}, ${change}` }];
  // Metrics with an interval are those of which more is better.
  const { low, high } = difference;
  if (high === undefined || high >= 0) return [];
  return [{ rule, expected, received: `${lost} (${showPoints(-high)} to ${showPoints(-(low ?? high))}), ${change}` }];
}
