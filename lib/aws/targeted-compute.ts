import type { AttemptTarget, DeployedTarget } from '../contracts/compute.ts';
import { RuntimeError } from '../errors.ts';
import type { Compute, JobAttempt } from '../ports.ts';

export type Computes = Readonly<Partial<Record<AttemptTarget, Compute>>>;

/** Returns the compute targets of this deployment. */
export function deployedTargets({ GRAFT_TRAINING_FUNCTION, GRAFT_BATCH_QUEUE }: NodeJS.ProcessEnv): DeployedTarget[] {
  return [...(GRAFT_TRAINING_FUNCTION ? (['lambda'] as const) : []), ...(GRAFT_BATCH_QUEUE ? (['gpu'] as const) : [])];
}

/** Returns the most GPU machines of this deployment at once. Undefined if it has none, or does not say. */
export function maxMachinesOf({ GRAFT_BATCH_QUEUE, GRAFT_GPU_MACHINES }: NodeJS.ProcessEnv): number | undefined {
  const most = Number(GRAFT_GPU_MACHINES);
  return GRAFT_BATCH_QUEUE && Number.isInteger(most) && most > 0 ? most : undefined;
}

/** Returns the most functions that extract features at once. Undefined if the deployment has none. */
export function maxFunctionsOf({
  GRAFT_EXTRACTION_QUEUE_URL,
  GRAFT_EXTRACTION_FUNCTIONS,
}: NodeJS.ProcessEnv): number | undefined {
  const most = Number(GRAFT_EXTRACTION_FUNCTIONS);
  return GRAFT_EXTRACTION_QUEUE_URL && Number.isInteger(most) && most > 0 ? most : undefined;
}

/** Returns the instance types of the GPU machines. Undefined if the deployment has none, or does not say. */
export function gpuInstancesOf({ GRAFT_BATCH_QUEUE, GRAFT_GPU_INSTANCES }: NodeJS.ProcessEnv): string[] | undefined {
  return GRAFT_BATCH_QUEUE && GRAFT_GPU_INSTANCES ? GRAFT_GPU_INSTANCES.split(',') : undefined;
}

/** Returns the memory of the training function, in MiB. Undefined if the deployment does not say. */
export function functionMemoryOf({ GRAFT_TRAINING_MEMORY }: NodeJS.ProcessEnv): number | undefined {
  const mebibytes = Number(GRAFT_TRAINING_MEMORY);
  return Number.isInteger(mebibytes) && mebibytes > 0 ? mebibytes : undefined;
}

const TARGETS: readonly AttemptTarget[] = ['lambda', 'gpu', 'functions'];

/** Starts each attempt on its job's compute target. A handle includes the target: `gpu:<handle>`. */
export function targetedCompute(computes: Computes, targetOf: (attempt: JobAttempt) => Promise<AttemptTarget>): Compute {
  const find = (handle: string): [Compute | undefined, string] => {
    const target = TARGETS.find((one) => handle.startsWith(`${one}:`)) ?? 'gpu';
    return [computes[target], handle.slice(target.length + 1)];
  };
  return {
    async start(attempt) {
      const target = await targetOf(attempt);
      return `${target}:${await (computes[target] ?? missing(target)).start(attempt)}`;
    },
    async stop(handle) {
      const [compute, own] = find(handle);
      await compute?.stop(own);
    },
    async state(handle) {
      const [compute, own] = find(handle);
      // A compute that is no longer deployed cannot report a state, so only the lease shows it.
      return (await compute?.state(own)) ?? 'unknown';
    },
    async resend(handle, sentAt) {
      const [compute, own] = find(handle);
      return (await compute?.resend?.(own, sentAt)) ?? false;
    },
    async limit(attempt) {
      return computes[await targetOf(attempt)]?.limit?.(attempt);
    },
  };
}

function missing(target: AttemptTarget): never {
  throw new RuntimeError('COMPUTE_MISSING', {
    at: target,
    expected: 'the training function, the queue of functions, or the queue and job definition of AWS Batch, in the environment',
    received: 'nothing',
    fix: 'graft deploy makes them',
  });
}
