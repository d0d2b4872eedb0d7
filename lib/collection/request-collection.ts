import type { World } from '../ports.ts';
import { isRecent } from '../store/is-recent.ts';
import { changeCollection } from './collection-state.ts';

const DAY_SECONDS = 86_400;

/**
 * Requests a collection once a day, to remove abandoned and failed uploads, and whatever an earlier collection could
 * not remove.
 * @returns whether it requested one
 * @throws what sending throws; the next call requests one again
 */
export async function requestCollection(world: Pick<World, 'store' | 'clock' | 'queues'>): Promise<boolean> {
  const now = world.clock.now();
  const requestedAt = now.toISOString();
  // Recorded before it is sent: where the state cannot be written, each call would send another message.
  const { before, isChanged } = await changeCollection(world, (state) => {
    const isDue = state.requestedAt === undefined || !isRecent(state.requestedAt, DAY_SECONDS, now);
    return isDue ? { ...state, requestedAt } : undefined;
  });
  if (!isChanged) return false;
  try {
    await world.queues.imports.send({ type: 'collect' });
  } catch (error) {
    const { requestedAt: previous } = before;
    await changeCollection(world, ({ requestedAt: current, ...state }) => {
      if (current !== requestedAt) return undefined;
      return { ...state, ...(previous !== undefined && { requestedAt: previous }) };
    });
    throw error;
  }
  return true;
}
