import { expectationOf, showLoss, showValue } from '../contracts/describe-gate-rule.ts';
import { type Gate, type GateRule, isLoss, isOfClass } from '../contracts/gate.ts';
import type { GateFailure } from '../contracts/gate-verdict.ts';
import type { ComparedMetric } from '../contracts/model-diff.ts';
import type { MetricsAndClasses, VersionMetrics } from '../reports/measure/compare-metrics.ts';

/** A comparison of the version that the alias points to with the one that it shall point to, with all classes. */
export interface GateEvidence extends MetricsAndClasses<ComparedMetric> {
  /** The metrics of the version that the alias shall point to. */
  readonly after: VersionMetrics;
}

const MISSING = 'no common images that give this metric';

/** A metric that a rule is about. */
interface Subject<Metric> {
  readonly name: string;
  /** Undefined if the common images do not give it. */
  readonly metric: Metric | undefined;
}

/** Applies the rules of a gate. @returns the rules that the version does not meet, in the order of the gate */
export function applyRules({ rules }: Gate, evidence: GateEvidence): GateFailure[] {
  return rules.flatMap((rule) =>
    // A limit is about the version alone: it holds even if the earlier version lacks the metric.
    rule.maxLoss === undefined
      ? subjectsOf(rule, evidence.after).flatMap((subject) => limitFailureOf(rule, subject))
      : subjectsOf(rule, evidence).flatMap((subject) => lossFailureOf(rule, subject)),
  );
}

/** A class without images counts only if a rule names it. Its precision, if the version predicts it, says nothing. */
function subjectsOf<Metric>({ metric, label }: GateRule, { metrics, classes }: MetricsAndClasses<Metric>): Subject<Metric>[] {
  if (!isOfClass(metric)) return [{ name: metric, metric: metrics[metric] }];
  const withImages = classes.filter(({ support }) => support > 0);
  if (label === undefined)
    return withImages.flatMap((one) => {
      const found = one[metric];
      return found === undefined ? [] : [{ name: `${metric} of ${one.label}`, metric: found }];
    });
  return [{ name: `${metric} of ${label}`, metric: withImages.find((one) => one.label === label)?.[metric] }];
}

function limitFailureOf(gateRule: GateRule, { name: rule, metric }: Subject<ComparedMetric['after']>): GateFailure[] {
  const { min, max = 0 } = gateRule;
  const expected = expectationOf(gateRule);
  if (metric === undefined) return [{ rule, expected, received: MISSING }];
  const isMet = min === undefined ? metric.value <= max : metric.value >= min;
  return isMet ? [] : [{ rule, expected, received: showValue(gateRule, metric.value) }];
}

function lossFailureOf(gateRule: GateRule, { name: rule, metric }: Subject<ComparedMetric>): GateFailure[] {
  const { metric: name, maxLoss = 0 } = gateRule;
  const show = (value: number) => showValue(gateRule, value);
  const showPoints = (loss: number) => (100 * loss).toFixed(2);
  const expected = expectationOf(gateRule);
  if (metric === undefined) return [{ rule, expected, received: MISSING }];
  const { before, after, difference } = metric;
  const loss = isLoss(name) ? difference.value : -difference.value;
  const change = `from ${show(before.value)} to ${show(after.value)}`;
  const lost = showLoss(gateRule, loss);
  if (maxLoss !== 'interval') return loss <= maxLoss ? [] : [{ rule, expected, received: `${lost}, ${change}` }];
  // Metrics with an interval are those of which more is better.
  const { low, high } = difference;
  if (high === undefined || high >= 0) return [];
  return [{ rule, expected, received: `${lost} (${showPoints(-high)} to ${showPoints(-(low ?? high))}), ${change}` }];
}
