import { isRefusal } from '../may-pass.ts';

/** Runs a request. @param onRefusal called if the server refuses it; other failures are thrown */
export async function unlessRefused(act: () => Promise<void>, onRefusal: (refusal: unknown) => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await onRefusal(error);
  }
}

/**
 * Sends items together, and if the server refuses them, each on its own: what it refuses of one does not block the others.
 * @param onRefusal called for each item that the server refuses
 */
export function sendUnlessRefused<Item>(
  items: readonly Item[],
  send: (items: readonly Item[]) => Promise<void>,
  onRefusal: (item: Item, refusal: unknown) => void,
): Promise<void> {
  return unlessRefused(
    () => send(items),
    async () => {
      for (const item of items)
        await unlessRefused(
          () => send([item]),
          (refusal) => onRefusal(item, refusal),
        );
    },
  );
}
