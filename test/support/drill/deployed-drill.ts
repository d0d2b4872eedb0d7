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
/** So soon does a message come again whose function was killed. */
const HIDDEN_SECONDS = 3;
/** What was lost without a sign, such as the message of a job, is found after ten minutes. */
const PATIENCE_SECONDS = 660;
const FORWARD_EVERY_MS = 20_000;

export interface DeployedDrill extends DrilledSystem {
  /** From now on, time passes so fast that what was lost is found. */
  hurry(): void;
}

/**
 * Runs functions of a deployment in one process, and the jobs of AWS Batch in one each. The API runs in this process,
 * and is not killed.
 */
export async function startDeployedDrill(deployment: Deployment): Promise<DeployedDrill> {
  const { batch, client, queues, sqs } = deployment;
  await importTwenty(deployment);
  await sqs.send(
    new SetQueueAttributesCommand({
      QueueUrl: queues.trainings.url,
      Attributes: { VisibilityTimeout: `${HIDDEN_SECONDS}` },
    }),
  );
  const clock = openDrillClock();
  const environment = { ...process.env, ...clock.environment };
  const start = (): ChildProcess =>
    spawn(process.execPath, [program], { env: environment, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  let functions = start();
  const kill = async (): Promise<void> => {
    const ended = once(functions, 'exit');
    functions.kill('SIGKILL');
    await ended;
  };
  batch.environment = environment;
  // An event that comes while no function lives is lost.
  batch.onEnded = (jobName, state) => {
    if (functions.connected) functions.send(batchEvent(jobName, state), () => {});
  };
  let forward: NodeJS.Timeout | undefined;
  onTestFinished(async () => {
    clearInterval(forward);
    batch.onEnded = undefined;
    batch.environment = undefined;
    await kill();
  });
  return {
    client,
    accepted: new Map(),
    async restart() {
      await kill();
      functions = start();
    },
    killWorker: ({ handle }) => batch.kill(handle ?? ''),
    workers: async () => batch.living(),
    hurry() {
      let ahead = 0;
      forward = setInterval(() => {
        ahead += PATIENCE_SECONDS;
        clock.set(ahead);
      }, FORWARD_EVERY_MS);
    },
  };
}
