import { expectationOf } from '../lib/contracts/describe-gate-rule.ts';
import { type GateMetric, GateRule, isOfClass } from '../lib/contracts/gate.ts';
import { decimalOf } from './decimal.ts';
import { text } from './strings.ts';

/** What a rule demands: at least or at most a value, or no more than a loss, a given one or what chance explains. */
const LIMITS = ['interval', 'loss', 'least', 'most'] as const;
export type Limit = (typeof LIMITS)[number];

/** A rule as a form has it. */
export interface TypedRule {
  readonly metric: GateMetric;
  /** Of a metric of classes: the class; undefined: each. */
  readonly label: string | undefined;
  readonly limit: Limit;
  /** In percent or points, or the likelihood itself; not used for `interval`. */
  readonly value: string;
}

/** The rule that was typed; undefined unless a gate may have it. */
export function ruleOf({ metric, label, limit, value }: TypedRule): GateRule | undefined {
  const typed = decimalOf(value);
  if (limit !== 'interval' && typed === undefined) return undefined;
  const number = (typed ?? 0) / (isShare(metric) ? 100 : 1);
  const limits = { interval: { maxLoss: 'interval' }, loss: { maxLoss: number }, least: { min: number }, most: { max: number } };
  const subject = !isOfClass(metric) ? {} : label === undefined ? { perClass: true } : { label };
  return GateRule.safeParse({ metric, ...subject, ...limits[limit] }).data;
}

/** What rules of a metric can demand. */
export function limitsOf(metric: GateMetric): readonly Limit[] {
  return LIMITS.filter((limit) => ruleOf({ metric, label: undefined, limit, value: '1' }) !== undefined);
}

/** Whether a metric is a share, which is typed in percent. */
export function isShare(metric: GateMetric): boolean {
  return metric !== 'negativeLogLikelihood';
}

/** `Recall of each class: at least 85.00%`. */
export function describeRule(rule: GateRule): string {
  const { metric, label, perClass } = rule;
  const name = metricName(metric);
  const subject = perClass ? text.gate.ofEach(name) : label === undefined ? name : text.gate.ofLabel(name, label);
  return text.gate.rule(subject, expectationOf(rule));
}

export function metricName(metric: GateMetric): string {
  return isOfClass(metric) ? text.look[metric] : (text.metrics[metric] ?? metric);
}
