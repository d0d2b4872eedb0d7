/** Rules of gates and their values, as errors, the command and the console show them. */
import { percent } from '../format.ts';
import type { GateRule } from './gate.ts';

/** A value of a metric: a percentage, or the likelihood itself. */
export function showValue({ metric }: Pick<GateRule, 'metric'>, value: number): string {
  return metric === 'negativeLogLikelihood' ? value.toFixed(4) : percent(value, 2);
}

/** A difference of two values, in percentage points. */
export function showLoss(rule: Pick<GateRule, 'metric'>, loss: number): string {
  return showValue(rule, loss).replace('%', ' points');
}

/** What a rule expects of its metric. */
export function expectationOf(rule: GateRule): string {
  const { maxLoss, min, max = 0 } = rule;
  if (maxLoss === 'interval') return 'no loss beyond the 95% interval';
  if (maxLoss !== undefined) return `a loss of at most ${showLoss(rule, maxLoss)}`;
  return min === undefined ? `at most ${showValue(rule, max)}` : `at least ${showValue(rule, min)}`;
}
