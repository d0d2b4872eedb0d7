import type { JobEstimate } from '../../lib/contracts/compute.ts';
import type { JobSpec, JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { roughDuration } from '../../lib/format.ts';
import { resolveSearch, trialsWithDefault } from '../../lib/search/trial-spec.ts';
import type { Context } from '../context.ts';
import { describeTime, estimatedCost, estimatedTime } from '../describe/describe-estimate.ts';
import { describeValues } from '../describe/describe-progress.ts';
import { EXIT, type Output, table } from '../output.ts';

/**
 * graft train --dry-run: the spec with its defaults, where it would run, and its estimated time and cost. Submits
 * nothing.
 */
export async function dryRun(wanted: JobSpecInput, { client }: Context, output: Output): Promise<number> {
  const { spec, ...estimate } = await client.estimate(wanted);
  const tried = trialsWithDefault({ ...spec, ...(spec.search && { search: resolveSearch(spec.search) }) });
  const trials = tried.map(({ values }) => values);
  const listed = tried.map(({ values, isDefault }, i) => [
    `trial ${i + 1}`,
    `${describeValues(values)}${isDefault ? ', the default' : ''}`,
  ]);
  output.result(
    { spec, estimate, ...(trials.length > 0 && { trials }) },
    [
      JSON.stringify(spec, null, 2),
      table([...rowsOf(spec, estimate), ...listed]),
      'Nothing was trained. To train, leave out --dry-run.',
    ].join('\n'),
  );
  return EXIT.done;
}

function rowsOf({ strategy, freeze }: JobSpec, estimate: JobEstimate): string[][] {
  const { target, instance, range, seconds, plans = [], reason, parts, measuredAt } = estimate;
  const machine = target === 'local' ? 'this machine' : target === 'lambda' ? 'a Lambda function' : (instance ?? target);
  const why = reason === machine ? '' : `: ${reason}`;
  const timed = parts.filter((part) => part.seconds > 0).map((part) => `${part.part} ${roughDuration(part.seconds, Math.ceil)}`);
  const speed =
    measuredAt === undefined ? 'of a reference machine: this machine was not measured' : `measured here at ${measuredAt}`;
  return [
    ['plan', freeze === undefined ? strategy : `freeze ${JSON.stringify(freeze)}`],
    ['runs on', `${machine}${why}`],
    ['takes', range === undefined ? `up to ${roughDuration(seconds, Math.ceil)}` : describeTime(estimate)],
    ...(plans.length > 1 ? plans.map((plan) => [`${plan.strategy}, ${plan.runtime}`, estimatedTime(plan)]) : []),
    ['at most', timed.join(', ')],
    ['speed', speed],
    ['costs', estimatedCost(estimate)],
  ];
}
