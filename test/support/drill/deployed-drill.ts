import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import type { Deployment } from '../aws-deployment.ts';
import { batchEvent } from '../lambda-events.ts';
import { importTwenty } from '../spread-job.ts';
import { openDrillClock } from './drill-clock.ts';
import type { DrilledSystem } from './drilled-system.ts';

const program = fileURLToPath(new URL('./functions-process.ts', import.meta.url));
/** A message whose function was killed comes again after this time. */
const VISIBILITY_SECONDS = 3;
/** Longer than the tracker waits for a job whose message was lost. */
const STEP_SECONDS = 660;
const STEP_EVERY_MS = 20_000;

export interface DeployedDrill extends DrilledSystem {
  /** From now on, sets the clock of functions and workers ahead every 20 seconds, so that lost messages are noticed. */
  advanceClock(): void;
}

/** The functions of a deployment in one process. */
interface FunctionsProcess {
  /** Sends an event to the tracker. It is lost if the process is killed. */
  send(event: object): void;
  kill(): Promise<void>;
}

/**
 * Runs dispatcher and tracker of a deployment in one process, and each job of AWS Batch in another. The API runs in this
 * process, and is not killed.
 */
export async function startDeployedDrill(deployment: Deployment): Promise<DeployedDrill> {
  const { batch, client, queues, sqs } = deployment;
  await importTwenty(deployment);
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: queues.trainings.url,
      Attributes: { VisibilityTimeout: `${VISIBILITY_SECONDS}` },
    }),
  );
  const clock = openDrillClock();
  const environment = { ...process.env, ...clock.environment };
  let functions = await startFunctions(environment);
  batch.environment = environment;
  batch.onEnded = (jobName, state) => functions.send(batchEvent(jobName, state));
  let steps: NodeJS.Timeout | undefined;
  onTestFinished(async () => {
    clearInterval(steps);
    batch.onEnded = undefined;
    batch.environment = undefined;
    await functions.kill();
  });
  return {
    client,
    accepted: new Map(),
    async restart() {
      await functions.kill();
      functions = await startFunctions(environment);
    },
    killWorker({ handle }) {
      const jobId = handle?.replace(/^gpu:/, '');
      return jobId !== undefined && batch.kill(jobId);
    },
    workers: async () => batch.running(),
    advanceClock() {
      let ahead = 0;
      steps = setInterval(() => {
        ahead += STEP_SECONDS;
        clock.set(ahead);
      }, STEP_EVERY_MS);
    },
  };
}

/** Starts the functions, and waits until they take messages. @throws Error if they end before */
async function startFunctions(environment: NodeJS.ProcessEnv): Promise<FunctionsProcess> {
  const child: ChildProcess = spawn(process.execPath, [program], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  const first = await Promise.race([once(child, 'message').then(() => 'ready'), ended]);
  if (first !== 'ready') throw new Error(`the functions ended: ${String(first)}`);
  return {
    send(event) {
      if (child.connected) child.send(event, () => {});
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
