/** A separate process that trains one model and prints its peak memory. `measure-training.ts DIRECTORY SPEC` */
import { setTimeout as sleep } from 'node:timers/promises';
import { runJob } from '../../functions/train/run-job.ts';
import { JobSpec } from '../../lib/contracts/job-spec.ts';
import { resolveSpec } from '../../lib/estimates/resolve-spec.ts';
import { dispatchJob } from '../../lib/jobs/dispatch-job.ts';
import { submitJob } from '../../lib/jobs/submit-job.ts';
import { workOnJob } from '../../lib/jobs/work-on-job.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { holdWorkerLock } from '../../lib/local/worker-lock.ts';

const [directory = '', spec = ''] = process.argv.slice(2);
// The worker that the upload started exits when it is idle; until then it would treat this job as lost.
while ((await holdWorkerLock(directory)) === undefined) await sleep(100);
const world = openEmbeddedWorld(directory, () => {});
const here = { start: async () => 'here', stop: async () => {}, state: async () => 'alive' as const };

const start = performance.now();
const { id } = await submitJob(await resolveSpec(JobSpec.parse(JSON.parse(spec)), world.store), world);
const attempt = await dispatchJob(id, here, world);
if (attempt === undefined) throw new Error('the job was taken by somebody else');
const job = await workOnJob({ job: id, attempt }, runJob, world, new AbortController().signal);
if (job?.state !== 'SUCCEEDED') throw new Error(`the job ended ${job?.state}: ${job?.error?.message}`);
console.log(
  JSON.stringify({
    mebibytes: process.resourceUsage().maxRSS / 1024,
    seconds: (performance.now() - start) / 1000,
  }),
);
process.exit(0);
