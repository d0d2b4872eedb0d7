import { runCollection } from '../../lib/collection/run-collection.ts';
import type { World } from '../../lib/ports.ts';

/** Collects as in two hours, when what was written now is old enough. @returns how many objects were removed of each kind */
export async function collectGarbage(world: World) {
  const clock = { now: () => new Date(world.clock.now().getTime() + 7_200_000) };
  const run = await runCollection({ ...world, clock });
  if (run === undefined) throw new Error('another collector is at work');
  return run.removed;
}
