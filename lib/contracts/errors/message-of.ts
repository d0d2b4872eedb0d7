/** Imports nothing, so that the worker of a session starts fast. */

/** Returns the message of any thrown value. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
