import { JobSpec, type JobSpecInput } from '../../lib/contracts/job-spec.ts';
import { readReport } from '../../lib/datasets/dataset-store.ts';
import { estimateJob } from '../../lib/jobs/estimate-job.ts';
import { resolveSpec } from '../../lib/jobs/resolve-spec.ts';
import type { Context } from '../context.ts';
import { duration, EXIT, type Output, table } from '../output.ts';
import { storeOf } from '../store-of.ts';

/** graft train --dry-run: the spec with its defaults, where it would run, and what that would take. Nothing is submitted. */
export async function dryRun(spec: JobSpecInput, context: Context, output: Output): Promise<number> {
  const store = storeOf(context);
  const complete = await resolveSpec(JobSpec.parse(spec), store);
  const estimate = estimateJob(complete, await readReport(store, complete.dataset));
  const { target, instance, seconds, dollars, spotDollars, reason, parts } = estimate;
  const machine = target === 'local' ? 'this machine' : target === 'lambda' ? 'a Lambda function' : (instance ?? target);
  const cost = dollars === undefined ? 'nothing' : `about $${dollars.toFixed(4)}`;
  const spot = spotDollars === undefined ? '' : `, $${spotDollars.toFixed(4)} on Spot`;
  output.result(
    { spec: complete, estimate },
    [
      JSON.stringify(complete, null, 2),
      table([
        ['runs on', `${machine}: ${reason}`],
        [
          'takes',
          `about ${duration(seconds)} at most: ${parts
            .filter((part) => part.seconds > 0)
            .map((part) => `${part.part} ${duration(part.seconds)}`)
            .join(', ')}`,
        ],
        ['costs', `${cost}${spot}`],
      ]),
      'Nothing was trained. To train it, leave out --dry-run.',
    ].join('\n'),
  );
  return EXIT.done;
}
