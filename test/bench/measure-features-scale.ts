/**
 * A separate process that writes the features of a data set, or trains on them and prints what that took.
 * `measure-features-scale.ts write DIRECTORY COUNT` or `measure-features-scale.ts train DIRECTORY`
 */
import { runJob } from '../../functions/train/run-job.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { resolveSpec } from '../../lib/estimates/resolve-spec.ts';
import { dispatchJob } from '../../lib/jobs/dispatch-job.ts';
import { submitJob } from '../../lib/jobs/submit-job.ts';
import { workOnJob } from '../../lib/jobs/work-on-job.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { scaleJob, writeFeatures } from './synthetic-features.ts';

const [what, directory = '', count = ''] = process.argv.slice(2);
const world = openEmbeddedWorld(directory, () => {});
console.log(JSON.stringify(what === 'write' ? { columns: await writeFeatures(Number(count), world) } : await train()));
process.exit(0);

async function train() {
  const here = { start: async () => 'here', stop: async () => {}, state: async () => 'alive' as const };
  const { id } = await submitJob(await resolveSpec(JobSpec.parse(scaleJob), world.store), world);
  const attempt = await dispatchJob(id, here, world);
  if (attempt === undefined) throw new Error('the job was taken by somebody else');
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  const job = await workOnJob({ job: id, attempt }, runJob, world, new AbortController().signal);
  if (job?.state !== 'SUCCEEDED') throw new Error(`the job ended ${job?.state}: ${job?.error?.message}`);
  const { user, system } = process.cpuUsage(cpu);
  return {
    wallSeconds: (performance.now() - wall) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMebibytes: process.resourceUsage().maxRSS / 1024,
  };
}
