/** What each spec trains, and that its estimate counts on it. */
import { expect, test } from 'vitest';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';
import { type PlanOption, planOptions } from '../../../lib/estimates/plan-options.ts';
import type { ChosenBy, CutAt, CutPlan } from '../../../lib/freezing/cut-plan.ts';
import type { Evidence } from '../../../lib/freezing/evidence.ts';
import { type Plan, planStrategy } from '../../../lib/freezing/plan-strategy.ts';

type Asked = Partial<JobSpecInput>;

/** Of images unlike ImageNet's that fine-tuning may gain something on. */
const unlike: Evidence = {
  trainingImages: 800,
  validationImages: 100,
  classes: 3,
  task: 'single-label',
  probes: [
    { stage: 'block4', score: 0.8 },
    { stage: 'top', score: 0.8 },
  ],
  balancedTop: 0.8,
  probedImages: 400,
  colourDistance: 0.2,
};
const few = { trainingImages: 300 };
const many = { trainingImages: 20_000 };
const like = withProbes(0.6, 0.8);
const betterEarlier = withProbes(0.9, 0.8);
const solved = { ...withProbes(0.8, 1), balancedTop: 1 };

function withProbes(earlier: number, top: number) {
  return {
    probes: [
      { stage: 'block4', score: earlier },
      { stage: 'top', score: top },
    ],
  };
}

/** No head on all stages: this one is not linear. */
const mlp: Asked = { head: 'mlp' };
const own = { name: 'own', own: { sha256: 'a'.repeat(64), cut: 'a value' } };

const stageHead = 'auto: stage-features, stage-head at stages';
const topHead = 'auto: feature-extraction, head at top';
const earlierHead = 'auto: earlier-features, head at block5c_add';
const top = 'auto: fine-tune-top, head-then-tail at block5c_add, then block3b_add';
const all = 'auto: fine-tune-all, head-then-tail at images';
const smaller = ', or fine-tune-top at block5c_add';

interface Case {
  readonly asked: Asked;
  readonly found?: Partial<Evidence>;
  readonly plan: string;
  /** Default: the plan. */
  readonly estimated?: readonly string[];
}

test.each<Case>([
  { asked: { strategy: 'feature-extraction' }, plan: 'user: feature-extraction, head at top' },
  { asked: { strategy: 'stage-features' }, plan: 'user: stage-features, stage-head at stages' },
  { asked: { strategy: 'earlier-features' }, plan: 'user: earlier-features, head at block5c_add' },
  { asked: { strategy: 'fine-tune-top' }, plan: 'user: fine-tune-top, head-then-tail at block5c_add' },
  { asked: { strategy: 'fine-tune-all' }, plan: 'user: fine-tune-all, head-then-tail at images' },
  { asked: { strategy: 'fine-tune-top', effort: 'best' }, plan: 'user: fine-tune-top, head-then-tail at block5c_add' },
  {
    asked: { strategy: 'fine-tune-top', task: 'multi-label' },
    plan: 'user: fine-tune-top, head-then-tail at block5c_add',
  },
  { asked: { strategy: 'fine-tune-top', backbone: own }, plan: 'user: fine-tune-top, head-then-tail at a value' },
  { asked: { strategy: 'fine-tune-all', backbone: own }, plan: 'user: fine-tune-all, head-then-tail at images' },
  { asked: { freeze: 'all' }, plan: 'user: feature-extraction, head at top' },
  { asked: { freeze: { through: 'top' } }, plan: 'user: feature-extraction, head at top' },
  { asked: { freeze: 'none' }, plan: 'user: fine-tune-all, tail at images' },
  { asked: { freeze: 'none', effort: 'best' }, plan: 'user: fine-tune-all, tail at images' },
  { asked: { freeze: { stages: 0 } }, plan: 'user: fine-tune-all, tail at images' },
  { asked: { freeze: { stages: 3 } }, plan: 'user: fine-tune-top, tail at block2b_add' },
  { asked: { freeze: { through: 'block5' } }, plan: 'user: fine-tune-top, tail at block5c_add' },
  { asked: { freeze: { layers: '.*_conv' } }, plan: 'user: fine-tune-top, tail at stem_activation, without 33 layers' },
  { asked: { freeze: { through: 'a value' }, backbone: own }, plan: 'user: fine-tune-top, tail at a value' },
  { asked: { effort: 'fast' }, plan: 'user: stage-features, stage-head at stages' },
  { asked: { effort: 'fast', task: 'multi-label' }, plan: 'user: stage-features, stage-head at stages' },
  { asked: { effort: 'fast' }, found: many, plan: 'user: stage-features, stage-head at stages' },
])('$asked: $plan', (given) => expectPlanned(given));

test.each<Case>([
  { asked: {}, plan: `${top}, against all stages`, estimated: [stageHead, top] },
  { asked: { task: 'multi-label' }, plan: `${top}, against all stages`, estimated: [stageHead, top] },
  {
    asked: { task: 'multi-label', training: { classWeights: 'balanced' } },
    plan: top,
    estimated: [topHead, top],
  },
  { asked: { effort: 'best' }, plan: `${top}, against all stages and the average`, estimated: [stageHead, top] },
  { asked: mlp, plan: top, estimated: [topHead, top] },
  { asked: { ...mlp, effort: 'best' }, plan: top, estimated: [topHead, top] },
  { asked: {}, found: solved, plan: stageHead, estimated: [stageHead, top] },
  { asked: mlp, found: solved, plan: topHead, estimated: [topHead, top] },
  { asked: {}, found: { validationImages: 19 }, plan: stageHead },
  { asked: mlp, found: { validationImages: 19 }, plan: topHead },
  { asked: {}, found: few, plan: `${top}, against all stages`, estimated: [stageHead, top] },
  { asked: {}, found: { ...few, ...like }, plan: stageHead, estimated: [stageHead, top] },
  {
    asked: { effort: 'best' },
    found: { ...few, ...like },
    plan: `${top}, against all stages and the average`,
    estimated: [stageHead, top],
  },
  { asked: {}, found: { ...few, ...betterEarlier }, plan: `${top}, against all stages`, estimated: [stageHead, top] },
  {
    asked: mlp,
    found: { ...few, ...betterEarlier },
    // The stage is found by evidence; the estimate takes a likely one.
    plan: 'auto: earlier-features, head at block4c_add',
    estimated: [topHead, earlierHead, top],
  },
  {
    asked: {},
    found: { trainingImages: 5000 },
    plan: `${all}${smaller}, against all stages`,
    estimated: [stageHead, top, all],
  },
  { asked: {}, found: many, plan: `${all}${smaller}`, estimated: [topHead, top, all] },
  { asked: { effort: 'best' }, found: many, plan: `${all}${smaller}`, estimated: [topHead, top, all] },
  { asked: {}, found: { ...many, ...like }, plan: top, estimated: [topHead, top, all] },
])('strategy auto with $asked and $found: $plan', (given) => expectPlanned(given));

test.each<Case>([
  { asked: {}, plan: stageHead },
  { asked: mlp, found: few, plan: topHead, estimated: [topHead, earlierHead] },
  { asked: {}, found: many, plan: topHead },
])('strategy auto on WebAssembly with $asked and $found: $plan', (given) => expectPlanned(given, 'wasm'));

test('a one-class model is estimated as the features of a frozen backbone', () => {
  expect(optionsOf({ task: 'one-class' }, unlike, 'native')).toEqual(['user: feature-extraction, head at top']);
});

async function expectPlanned({ asked, found, plan, estimated = [plan] }: Case, runtime: 'native' | 'wasm' = 'native') {
  const evidence = { ...unlike, ...found };
  const { trainingImages, classes } = evidence;
  const planned = await planStrategy(specOf(asked), { trainingImages, classes, runtime, gather: async () => evidence });
  expect(describePlan(planned)).toBe(plan);
  const options = optionsOf(asked, evidence, runtime);
  expect(options).toEqual(estimated);
  const withoutCut = (described: string) => described.replace(/ at .*/, '');
  expect(options.map(withoutCut), 'the estimate counts on the plan').toContain(withoutCut(plan));
}

function specOf(asked: Asked): JobSpec {
  return JobSpec.parse({ name: 'cats', dataset: 'cats', ...asked });
}

function optionsOf(asked: Asked, { trainingImages, validationImages }: Evidence, runtime: 'native' | 'wasm'): string[] {
  return planOptions(specOf(asked), { trainingImages, validationImages, runtime }).map(describeOption);
}

function describeOption({ plan, deeper, chosenBy }: PlanOption): string {
  return `${describeCut(plan, chosenBy)}${describeDeeper(deeper)}`;
}

function describePlan(plan: Plan): string {
  const described = describeCut(plan, plan.chosenBy);
  if (plan.trains !== 'head-then-tail') return described;
  const { deeper, smaller, comparesStages, carriesStages } = plan;
  return [
    described,
    describeDeeper(deeper),
    smaller === undefined ? '' : `, or ${smaller.name} at ${nameOf(smaller.cut)}`,
    comparesStages === true ? ', against all stages' : '',
    carriesStages === true ? ' and the average' : '',
  ].join('');
}

function describeCut({ name, trains, cut, frozen }: CutPlan, chosenBy: ChosenBy): string {
  const without = frozen.size === 0 ? '' : `, without ${frozen.size} layers`;
  return `${chosenBy}: ${name}, ${trains} at ${nameOf(cut)}${without}`;
}

function describeDeeper(deeper: CutPlan | undefined): string {
  return deeper === undefined ? '' : `, then ${nameOf(deeper.cut)}`;
}

function nameOf(cut: CutAt): string {
  return typeof cut === 'object' ? cut.layer : cut;
}
