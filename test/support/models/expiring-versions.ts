import { createJob } from '../../../lib/jobs/submit-job.ts';
import { setAlias } from '../../../lib/models/aliases.ts';
import { readModel } from '../../../lib/models/registry.ts';
import type { World } from '../../../lib/ports.ts';
import { setRetention } from '../../../lib/retention/set-retention.ts';
import { publishConstant } from '../api.ts';
import { testWorld } from '../world.ts';

/** Versions 1 to `count` of the model `two`, of which only the newest stays. */
export async function expiringVersions(count: number) {
  const world = testWorld();
  for (let number = 1; number <= count; number++) await publishConstant(world.store, 'two', number);
  await setRetention('two', { newest: 1, days: 0 }, world);
  return world;
}

/** Points `two:prod` to a version. */
export function promoteTwo({ store, clock }: World, version: number) {
  return setAlias({ name: 'two', alias: 'prod', version, at: clock.now() }, store);
}

/** Submits a job that evaluates a version of `two`. */
export function evaluateTwo(world: World, version: number) {
  const spec = { name: 'two', version, dataset: `two@sha256-${'0'.repeat(64)}` };
  return createJob({ kind: 'evaluate', spec }, world);
}

export async function numbersOf({ store }: Pick<World, 'store'>, name = 'two'): Promise<number[]> {
  return (await readModel(name, store)).versions.map(({ version }) => version);
}

/** Number of packages of `two` that have files. */
export async function packagesOf({ store }: Pick<World, 'store'>): Promise<number> {
  const { objects } = await store.list('models/two/');
  return new Set(objects.map(({ key }) => key.split('/')[2])).size;
}
