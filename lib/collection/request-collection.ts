import type { World } from '../ports.ts';
import { changeCollection } from './collection-state.ts';

const DAY_MS = 86_400_000;

/**
 * Requests a collection once a day, to remove abandoned and failed uploads, and whatever an earlier collection could
 * not remove.
 * @returns whether it requested one
 */
export async function requestCollection(world: Pick<World, 'store' | 'clock' | 'queues'>): Promise<boolean> {
  const now = world.clock.now();
  let isTime = false;
  await changeCollection(world, (state) => {
    isTime = state.requestedAt === undefined || Date.parse(state.requestedAt) + DAY_MS <= now.getTime();
    return isTime ? { ...state, requestedAt: now.toISOString() } : undefined;
  });
  if (isTime) await world.queues.imports.send({ type: 'collect' });
  return isTime;
}
