import type { Metrics } from '../../lib/contracts/metrics.ts';
import { count, percent } from '../../lib/format.ts';
import type { Context } from '../context.ts';
import { headline } from '../describe/describe-metrics.ts';
import { EXIT, type Output, table } from '../output.ts';
import { awaitResult } from './await-result.ts';
import { resolveDataset } from './resolve-dataset.ts';

/**
 * graft evaluate REF --dataset NAME|PATH: submits a job, and follows it to its end.
 * @throws as awaitResult
 */
export async function evaluate(ref: string, { dataset }: { dataset: string }, context: Context, output: Output): Promise<number> {
  const resolved = await resolveDataset(dataset, context, output);
  const job = await context.client.models.evaluate(ref, resolved.ref);
  context.wakeWorker();
  const ended = await awaitResult(job, context, output);
  if ('status' in ended) return ended.status;
  const { result } = ended;
  const { model, version, dataset: evaluated, metrics } = result;
  output.result(result, [`${model}@${version} on ${evaluated}: ${headline(metrics)}`, describeClasses(metrics)].join('\n'));
  return EXIT.done;
}

const SHOWN = 20;

export function describeClasses({ perClass, classCount = perClass.length }: Metrics): string {
  const rows = perClass
    .slice(0, SHOWN)
    .map(({ label, precision, recall, f1, support }) => [
      `  ${label}`,
      percent(precision),
      percent(recall),
      percent(f1),
      count(support),
    ]);
  const more =
    classCount > SHOWN
      ? `\n  and ${count(classCount - SHOWN)} more${classCount > perClass.length ? '' : '; all are in --json'}`
      : '';
  return `${table([['  CLASS', 'PRECISION', 'RECALL', 'F1', 'IMAGES'], ...rows])}${more}`;
}
