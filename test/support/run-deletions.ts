import type { Deletion } from '../../lib/contracts/deletion.ts';
import { runDeletion } from '../../lib/datasets/run-deletion.ts';
import { listKeys } from '../../lib/list-keys.ts';
import type { World } from '../../lib/ports.ts';

/** Does what the messages of all deletions ask for. @returns those that are done with */
export async function runDeletions(world: World, options?: Parameters<typeof runDeletion>[2]): Promise<Deletion[]> {
  const done: Deletion[] = [];
  for await (const { key } of listKeys(world.store, 'deletions/')) {
    const deletion = await runDeletion(key.slice('deletions/'.length, -'.json'.length), world, options);
    if (deletion !== undefined) done.push(deletion);
  }
  return done;
}
