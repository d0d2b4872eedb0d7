/** Conditions that a version must meet before an alias moves to it. */
import { z } from 'zod';
import { withRules } from './explain/with-rules.ts';
import { ClassMetric, OverallMetric } from './model-diff.ts';
import type { ModelTask } from './model-task.ts';
import { Alias, Name } from './names.ts';

const GateMetric = z.enum([...OverallMetric.options, ...ClassMetric.options]);
export type GateMetric = z.infer<typeof GateMetric>;

/** The task of metrics that models of other tasks do not have. */
const ONLY_TASK: Readonly<Partial<Record<GateMetric, ModelTask>>> = {
  balancedAccuracy: 'single-label',
  microF1: 'multi-label',
  meanAveragePrecision: 'multi-label',
};

/** Metrics of which less is better. */
const LOSSES: readonly GateMetric[] = ['negativeLogLikelihood', 'expectedCalibrationError'];
/** Metrics whose differences have no interval. */
const WITHOUT_INTERVAL: readonly GateMetric[] = [...LOSSES, 'meanAveragePrecision'];

/** Whether less of a metric is better. */
export function isLoss(metric: GateMetric): boolean {
  return LOSSES.includes(metric);
}

/** Whether a metric is that of a class. */
export function isOfClass(metric: GateMetric): metric is ClassMetric {
  return ClassMetric.options.some((name) => name === metric);
}

/** The task of the models that alone have a metric. @returns undefined if models of all tasks have it */
export function onlyTaskOf(metric: GateMetric): ModelTask | undefined {
  return ONLY_TASK[metric];
}

/** The metrics that the gates of models of a task may have. */
export function gateMetricsOf(task: ModelTask): readonly GateMetric[] {
  return GateMetric.options.filter((metric) => (onlyTaskOf(metric) ?? task) === task);
}

/** One condition of a gate. */
export const GateRule = withRules(
  z.strictObject({
    /** By the name that cards and reports use. */
    metric: GateMetric,
    /** With `precision`, `recall` or `f1`: the rule holds for each class that has images. */
    perClass: z.literal(true).optional(),
    /** With `precision`, `recall` or `f1`: the rule holds for this class. */
    label: z.string().min(1).max(1000).optional(),
    /**
     * How much worse than the alias's current version, on the images that both were evaluated on. `interval`: by no more
     * than chance explains, that is, the 95% interval of the difference reaches 0.
     */
    maxLoss: z.union([z.literal('interval'), z.number().min(0).max(100)]).optional(),
    /** The lowest value, of a metric of which more is better. */
    min: z.number().min(0).max(1).optional(),
    /** The highest value, of a metric of which less is better. */
    max: z.number().min(0).max(100).optional(),
  }),
  {
    expected: 'perClass or label with precision, recall or f1, and only there',
    holds: ({ metric, perClass, label }) =>
      [perClass, label].filter((member) => member !== undefined).length === (isOfClass(metric) ? 1 : 0),
    path: ['metric'],
  },
  {
    expected: 'exactly one of maxLoss, min and max',
    holds: ({ maxLoss, min, max }) => [maxLoss, min, max].filter((member) => member !== undefined).length === 1,
    path: ['metric'],
  },
  {
    expected: 'min only where more is better, which it is not with negativeLogLikelihood and expectedCalibrationError',
    holds: ({ metric, min }) => min === undefined || !isLoss(metric),
    path: ['min'],
  },
  {
    expected: 'max only where less is better: with negativeLogLikelihood and expectedCalibrationError',
    holds: ({ metric, max }) => max === undefined || isLoss(metric),
    path: ['max'],
  },
  {
    expected: `a number as maxLoss of ${WITHOUT_INTERVAL.join(', ')}, whose differences have no interval`,
    holds: ({ metric, maxLoss }) => maxLoss !== 'interval' || !WITHOUT_INTERVAL.includes(metric),
    path: ['maxLoss'],
  },
);
export type GateRule = z.infer<typeof GateRule>;

/** PUT /v1/models/{name}/aliases/{alias}/gate */
export const Gate = z.strictObject({ rules: z.array(GateRule).min(1).max(50) });
export type Gate = z.infer<typeof Gate>;

/** GET /v1/models/{name}/aliases/{alias}/gate */
export const AliasGate = z.strictObject({ model: Name, alias: Alias, gate: Gate });
export type AliasGate = z.infer<typeof AliasGate>;
