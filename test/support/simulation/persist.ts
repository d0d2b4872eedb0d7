import { asGraftError } from '../../../lib/errors.ts';
import type { World } from '../../../lib/ports.ts';

/** Sends a request again for as long as that may help. */
export async function persist<Result>(send: () => Promise<Result>, { clock }: Pick<World, 'clock'>): Promise<Result> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!asGraftError(error).retryable) throw error;
      await clock.sleep?.(2000);
    }
  }
}
