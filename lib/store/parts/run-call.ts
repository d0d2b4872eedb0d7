import type { World } from '../../ports.ts';
import { beginCall, endCall } from './part-calls.ts';
import type { PartKeys, PartName } from './part-keys.ts';

/** What a call of a part does, and where its message goes if it cannot begin. */
export interface CallSteps<Outcome> {
  /** Calls that may die, fail or store nothing. */
  readonly mostFailures: number;
  /** Sends the message of the part again, as a new one. */
  readonly resend: (delaySeconds: number) => Promise<void>;
  /**
   * Works on the part. A call whose work throws counts as at work until its function's time is over.
   * @param secondsBefore of the calls of the part before this one
   */
  readonly work: (secondsBefore: number) => Promise<Outcome>;
}

export type RunCall<Outcome> =
  /** @property failures calls of the part that died, failed or stored nothing, this one included */
  | { readonly state: 'ended'; readonly outcome: Outcome; readonly failures: number }
  /** The part had failed too often; the last of its calls died. */
  | { readonly state: 'exhausted' }
  /** Another call is at work, and the message comes again when its time is over. */
  | { readonly state: 'resent' };

/**
 * Runs a call of a part: records that it is at work, works, and records how it ended. It does not work if another call
 * of the part is at work, or if the part has failed too often.
 * @throws retryable errors of the store and the queue; errors of the work
 */
export async function runCall<Outcome extends { readonly hasFailed: boolean }>(
  keys: PartKeys,
  part: PartName,
  { mostFailures, resend, work }: CallSteps<Outcome>,
  { store, clock }: Pick<World, 'store' | 'clock'>,
): Promise<RunCall<Outcome>> {
  const call = await beginCall(keys, part, store, clock, mostFailures);
  if (call.state === 'exhausted') return call;
  if (call.state === 'busy') {
    // The other message may be a copy of this one, which SQS removes together with it.
    await resend(call.seconds);
    return { state: 'resent' };
  }
  const outcome = await work(call.seconds);
  const { hasFailed } = outcome;
  const failures = await endCall(keys, part, { since: call.since, hasFailed }, store, clock);
  return { state: 'ended', outcome, failures };
}
