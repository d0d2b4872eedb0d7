import type { World } from '../ports.ts';
import { changeCollection } from './collection-state.ts';

const DAY_MS = 86_400_000;

/**
 * Requests a collection once a day, to remove abandoned and failed uploads, and whatever an earlier collection could
 * not remove.
 * @returns whether it requested one
 * @throws what sending throws; the next call requests one again
 */
export async function requestCollection(world: Pick<World, 'store' | 'clock' | 'queues'>): Promise<boolean> {
  const now = world.clock.now();
  const { requestedAt } = await changeCollection(world, () => undefined);
  if (requestedAt !== undefined && Date.parse(requestedAt) + DAY_MS > now.getTime()) return false;
  // A second message does no harm; a day without one leaves garbage.
  await world.queues.imports.send({ type: 'collect' });
  await changeCollection(world, (state) => ({ ...state, requestedAt: now.toISOString() }));
  return true;
}
