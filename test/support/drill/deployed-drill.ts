import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import type { APIGatewayProxyStructuredResultV2, Handler } from 'aws-lambda';
import { expect, onTestFinished } from 'vitest';
import { routes } from '../../../functions/api/routes.ts';
import { createClient } from '../../../lib/client/client.ts';
import { messageOf } from '../../../lib/contracts/errors/message-of.ts';
import { RuntimeError } from '../../../lib/errors.ts';
import type { RandomStream } from '../../../lib/random.ts';
import type { Deployment } from '../aws/aws-deployment.ts';
import { batchEvent, httpApi } from '../aws/lambda-events.ts';
import { imageNumber } from '../datasets/import-files.ts';
import { importTwenty } from '../processes/spread-job.ts';
import { openDrillClock } from './drill-clock.ts';
import { type DrilledSystem, MODELS, submitAll } from './drilled-system.ts';

const program = fileURLToPath(new URL('./functions-process.ts', import.meta.url));
const smallParts = new URL('../../drill/scripts/small-parts.ts', import.meta.url);
/** A message whose function was killed comes again after this time; imports of a busy machine need longer. */
const VISIBILITY_SECONDS = { trainings: 3, extractions: 10, imports: 20 };
/** Longer than the tracker waits for a job whose message was lost. */
const STEP_SECONDS = 660;
const STEP_EVERY_MS = 20_000;
/** Longer than a part waits for a function that was killed. */
const PART_SECONDS = 240;
/** The longest time from the begin of requests until processes are killed. */
const LONGEST_BURST_MS = 1500;
const IMAGES_OF_UPLOAD = 4;
const ROLES = ['control', 'parts', 'api'] as const;
type Role = (typeof ROLES)[number];

export interface DeployedDrill extends DrilledSystem {
  /** How often the processes of each role were killed. */
  readonly killed: Readonly<Record<Role, number>>;
  /** Kills processes of functions at a random moment of new requests, and starts new ones. */
  restart(): Promise<void>;
  /** From now on, sets the clock of functions and workers ahead every 20 seconds, so that lost messages are noticed. */
  advanceClock(): void;
  /** Waits until all accepted uploads have ended, and checks that each is one version with all of its images. */
  checkUploads(): Promise<void>;
}

/** Functions of a deployment in a process. */
interface FunctionsProcess {
  /** Of the API. */
  readonly port: number | undefined;
  /** Sends an event to the tracker. It is lost if the process is killed. */
  send(event: object): void;
  kill(): Promise<void>;
}

/**
 * Runs the functions of a deployment in three processes: dispatcher and tracker; those that extract, check and import;
 * and the API. Each job of AWS Batch runs in another.
 * @param random chooses which of them are killed, and when
 */
export async function startDeployedDrill({ batch, ...deployment }: Deployment, random: RandomStream): Promise<DeployedDrill> {
  await importTwenty({ batch, ...deployment });
  for (const [queue, seconds] of Object.entries(VISIBILITY_SECONDS))
    await deployment.sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: deployment.queues[queue as keyof typeof VISIBILITY_SECONDS].url,
        Attributes: { VisibilityTimeout: `${seconds}` },
      }),
    );
  const clock = openDrillClock();
  const environment = {
    ...process.env,
    ...clock.environment,
    NODE_OPTIONS: `${clock.environment.NODE_OPTIONS} --import=${smallParts}`,
  };
  const [control, parts, api] = await Promise.all(ROLES.map((role) => startFunctions(role, environment)));
  if (control === undefined || parts === undefined || api === undefined) throw new Error('no processes');
  const running: Record<Role, FunctionsProcess> = { control, parts, api };
  const killed: Record<Role, number> = { control: 0, parts: 0, api: 0 };
  /** Accepted uploads. */
  const uploads: string[] = [];
  let ahead = 0;
  const advance = (seconds: number) => {
    ahead += seconds;
    clock.set(ahead);
  };
  batch.environment = environment;
  batch.onEnded = (jobName, state) => running.control.send(batchEvent(jobName, state));
  let steps: NodeJS.Timeout | undefined;
  onTestFinished(async () => {
    clearInterval(steps);
    batch.onEnded = undefined;
    batch.environment = undefined;
    await Promise.all(ROLES.map((role) => running[role].kill()));
  });
  const client = createClient(httpApi(() => remoteHandler(() => running.api.port), routes));
  const system: DeployedDrill = {
    client,
    accepted: new Map(),
    killed,
    // Each job has features of its own, which functions extract.
    inputSizeOf: (model) => 48 + 16 * MODELS.indexOf(model),
    async restart() {
      const { jobs } = await client.jobs.list({ limit: 20 });
      // An attempt that loses its functions again and again fails, as it should.
      const roles = jobs.some(({ losses = 0 }) => losses > 0) ? ROLES.filter((role) => role !== 'parts') : ROLES;
      const one = roles[random.integer(roles.length + 1)];
      const victims = one === undefined ? roles : [one];
      const requests = Promise.all([persistently(() => submitAll(system)), upload(uploads.length)]);
      await wait(random.next() * LONGEST_BURST_MS);
      await Promise.all(victims.map((role) => running[role].kill()));
      if (victims.includes('parts')) advance(PART_SECONDS);
      await Promise.all(
        victims.map(async (role) => {
          killed[role]++;
          running[role] = await startFunctions(role, environment);
        }),
      );
      uploads.push((await requests)[1]);
    },
    killWorker({ handle }) {
      const jobId = handle?.startsWith('gpu:') ? handle.replace('gpu:', '') : undefined;
      return jobId !== undefined && batch.kill(jobId);
    },
    workers: async () => batch.running(),
    advanceClock() {
      steps = setInterval(() => advance(STEP_SECONDS), STEP_EVERY_MS);
    },
    async checkUploads() {
      const digests: (string | undefined)[] = [];
      for (const id of uploads) {
        let record = await client.datasets.getUpload(id);
        for (; record.state !== 'READY' && record.state !== 'FAILED'; record = await client.datasets.getUpload(id))
          await wait(200);
        expect(record).toMatchObject({ state: 'READY', spread: { functions: 2 }, report: { accepted: IMAGES_OF_UPLOAD } });
        digests.push(record.report?.digest);
      }
      const { versions } = await client.datasets.versions('pictures', { limit: 100 });
      expect(versions.map(({ digest }) => digest).toSorted()).toEqual(digests.toSorted());
    },
  };
  return system;

  /** Uploads images that no other upload has, whatever is killed meanwhile. @returns the id of the accepted upload */
  async function upload(number: number): Promise<string> {
    const first = number * IMAGES_OF_UPLOAD;
    const images = await Promise.all(Array.from({ length: IMAGES_OF_UPLOAD }, (_, image) => imageNumber(first + image)));
    const files = images.map((image, index) => ({
      path: `${index % 2 ? 'odd' : 'even'}/${first + index}.png`,
      size: image.length,
      sha256: createHash('sha256').update(image).digest('hex'),
    }));
    const { id } = await persistently(() => client.datasets.createUpload({ name: 'pictures', maxRefused: 0 }));
    const added = await persistently(() => client.datasets.addFiles(id, files));
    for (const file of added.uploads) {
      const image = images[files.findIndex(({ path }) => path === file.path)] ?? expect.fail();
      await client.datasets.sendFile(file, image);
    }
    await persistently(() => client.datasets.complete(id, { parts: 1, files: files.length }));
    return id;
  }
}

/** Repeats a request that is not answered because the API was killed. */
async function persistently<Result>(request: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.code !== UNANSWERED) throw error;
      await wait(200);
    }
  }
}

const UNANSWERED = 'API_UNREACHABLE';

/** A function in another process, behind an HTTP server. @throws RuntimeError API_UNREACHABLE if that is killed */
function remoteHandler(portOf: () => number | undefined): Handler<unknown, APIGatewayProxyStructuredResultV2> {
  return async (event) => {
    try {
      const response = await fetch(`http://127.0.0.1:${portOf()}`, { method: 'POST', body: JSON.stringify(event) });
      return (await response.json()) as APIGatewayProxyStructuredResultV2;
    } catch (error) {
      throw new RuntimeError(UNANSWERED, { at: 'the API', received: messageOf(error), fix: 'repeat it', retryable: true });
    }
  };
}

/** Starts functions, and waits until they take requests and messages. @throws Error if they end before */
async function startFunctions(role: Role, environment: NodeJS.ProcessEnv): Promise<FunctionsProcess> {
  const child: ChildProcess = spawn(process.execPath, [program, role], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const first: { readonly port?: number } | undefined = await Promise.race([
    once(child, 'message').then(([message]) => message),
    ended.then(() => undefined),
  ]);
  if (first === undefined) throw new Error(`the functions of ${role} ended`);
  return {
    port: first.port,
    send(event) {
      if (child.connected) child.send(event, () => {});
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
