import type { Compute, JobAttempt } from '../ports.ts';

/** Kinds of compute in AWS. */
export type Target = 'lambda' | 'gpu';

/** Starts each attempt where its job belongs. A handle says which compute it is of: `gpu:<handle>`. */
export function targetedCompute(computes: Record<Target, Compute>, targetOf: (attempt: JobAttempt) => Promise<Target>): Compute {
  const find = (handle: string): [Compute, string] => {
    const target: Target = handle.startsWith('lambda:') ? 'lambda' : 'gpu';
    return [computes[target], handle.slice(target.length + 1)];
  };
  return {
    async start(attempt) {
      const target = await targetOf(attempt);
      return `${target}:${await computes[target].start(attempt)}`;
    },
    async stop(handle) {
      const [compute, own] = find(handle);
      await compute.stop(own);
    },
    async state(handle) {
      const [compute, own] = find(handle);
      return compute.state(own);
    },
  };
}
