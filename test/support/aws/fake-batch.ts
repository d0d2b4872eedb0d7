/** What AWS Batch does for us, behind its own HTTP API on the loopback: takes jobs, tells their state, stops them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const SubmitJob = z.object({
  jobName: z.string(),
  jobQueue: z.string(),
  jobDefinition: z.string(),
  containerOverrides: z.object({ command: z.array(z.string()) }),
  timeout: z.object({ attemptDurationSeconds: z.number() }).optional(),
  arrayProperties: z.object({ size: z.int().min(2).max(10_000) }).optional(),
  retryStrategy: z.object({ attempts: z.int().min(1).max(10) }).optional(),
  dependsOn: z.array(z.object({ jobId: z.string() })).optional(),
});
export type SubmittedJob = z.infer<typeof SubmitJob>;

export interface FakeBatch {
  readonly endpoint: string;
  readonly submitted: SubmittedJob[];
  readonly terminated: string[];
  /** What DescribeJobs says of a job, by its id; RUNNING where nothing is set and its process has not ended. */
  readonly states: Map<string, string>;
  /** What DescribeJobs says besides of a job, by its id; that it has started, where nothing is set. */
  readonly details: Map<string, Readonly<Record<string, unknown>>>;
  /** With an environment, jobs run as the container would run them: the training entry as a process of its own. */
  environment: NodeJS.ProcessEnv | undefined;
  /** With this it refuses whatever is asked. */
  refuses: { readonly status: number; readonly type: string; readonly message: string } | undefined;
  /** Refuses to take more jobs than this. */
  refusesAfter: number;
  refusesToTerminate: boolean;
  /** Called when the process of a job has ended. */
  onEnded: ((jobName: string, state: 'SUCCEEDED' | 'FAILED') => void) | undefined;
  /** Resolves when the process of a job has ended. @returns its exit status */
  ended(jobId: string): Promise<number | null>;
  /** Ids of the jobs whose processes run. */
  running(): string[];
  /** Kills the processes of a job with SIGKILL. @returns whether any ran */
  kill(jobId: string): boolean;
  close(): Promise<void>;
}

const denied = { status: 403, type: 'AccessDeniedException', message: 'not authorized to perform: batch:SubmitJob' };
const busy = { status: 400, type: 'ClientException', message: 'the job cannot be terminated' };
const trainingEntry = fileURLToPath(new URL('../../../functions/train/main.ts', import.meta.url));

/** Job ids are `batch-1`, `batch-2`, in the order of submission. */
export async function startFakeBatch(): Promise<FakeBatch> {
  const submitted: SubmittedJob[] = [];
  const terminated: string[] = [];
  const states = new Map<string, string>();
  const details = new Map<string, Readonly<Record<string, unknown>>>();
  /** Of each job. */
  const processes = new Map<string, ChildProcess[]>();
  /** Exit statuses of jobs that run as processes. */
  const runs = new Map<string, Promise<number | null>>();

  function run(jobId: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number | null> {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', trainingEntry, ...args], {
      env: environment,
      stdio: 'ignore',
    });
    processes.set(jobId, [...(processes.get(jobId) ?? []), child]);
    return new Promise((resolve) => child.once('exit', resolve));
  }

  /** A job waits for those that it depends on, and fails with them; an array is as many processes, each with its number. */
  async function runJob(
    jobId: string,
    { containerOverrides, arrayProperties, dependsOn = [] }: SubmittedJob,
    environment: NodeJS.ProcessEnv,
  ): Promise<number | null> {
    const before = await Promise.all(dependsOn.map(({ jobId }) => runs.get(jobId)));
    if (before.some((status) => status !== 0)) return 1;
    if (arrayProperties === undefined) return run(jobId, containerOverrides.command, environment);
    const all = Array.from({ length: arrayProperties.size }, (_, index) =>
      run(jobId, containerOverrides.command, { ...environment, AWS_BATCH_JOB_ARRAY_INDEX: `${index}` }),
    );
    return (await Promise.all(all)).find((status) => status !== 0) ?? 0;
  }

  async function runToEnd(jobId: string, job: SubmittedJob, environment: NodeJS.ProcessEnv): Promise<number | null> {
    const status = await runJob(jobId, job, environment);
    const state = status === 0 ? 'SUCCEEDED' : 'FAILED';
    states.set(jobId, state);
    batch.onEnded?.(job.jobName, state);
    return status;
  }

  const answers: Record<string, (body: unknown) => unknown> = {
    '/v1/submitjob': (body) => {
      const job = SubmitJob.parse(body);
      submitted.push(job);
      const jobId = `batch-${submitted.length}`;
      if (batch.environment !== undefined) runs.set(jobId, runToEnd(jobId, job, batch.environment));
      return { jobId, jobName: job.jobName };
    },
    '/v1/describejobs': (body) => {
      const { jobs } = z.object({ jobs: z.array(z.string()) }).parse(body);
      const known = jobs.filter((id) => Number(id.replace('batch-', '')) <= submitted.length);
      const started = { startedAt: 1 };
      return {
        jobs: known.map((jobId) => ({ jobId, status: states.get(jobId) ?? 'RUNNING', ...(details.get(jobId) ?? started) })),
      };
    },
    '/v1/terminatejob': (body) => {
      terminated.push(z.object({ jobId: z.string() }).parse(body).jobId);
      return {};
    },
  };
  const server = createServer(async (request, response) => {
    const answer = answers[request.url ?? ''];
    const body = await json(request);
    response.setHeader('content-type', 'application/json');
    const tooMany = request.url === '/v1/submitjob' && submitted.length >= batch.refusesAfter;
    const isTermination = request.url === '/v1/terminatejob' && batch.refusesToTerminate;
    if (batch.refuses !== undefined || tooMany || isTermination) {
      const { status, type, message } = batch.refuses ?? (isTermination ? busy : denied);
      response.writeHead(status, { 'x-amzn-errortype': type }).end(JSON.stringify({ message }));
      return;
    }
    response.end(JSON.stringify(answer?.(body) ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const batch: FakeBatch = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    submitted,
    terminated,
    states,
    details,
    environment: undefined,
    onEnded: undefined,
    refuses: undefined,
    refusesAfter: Number.POSITIVE_INFINITY,
    refusesToTerminate: false,
    ended(jobId) {
      return runs.get(jobId) ?? Promise.reject(new Error(`no process for ${jobId}`));
    },
    running: () => [...processes].filter(([, all]) => all.some(isAlive)).map(([jobId]) => jobId),
    kill(jobId) {
      const all = processes.get(jobId);
      if (all === undefined) throw new Error(`no process for ${jobId}`);
      return all.map((child) => isAlive(child) && child.kill('SIGKILL')).some(Boolean);
    },
    close() {
      for (const jobId of processes.keys()) batch.kill(jobId);
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return batch;
}

function isAlive({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
