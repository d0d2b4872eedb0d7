/**
 * Calls `act` at Ctrl-C, which then does not end the process.
 * @returns a function that restores the default
 */
export function onInterrupt(act: () => void): () => void {
  // Not `once`, which removes the listener before the call. The spinner's own listener, which restores the cursor,
  // would then be the only one, and would end the process.
  process.on('SIGINT', act);
  return () => void process.off('SIGINT', act);
}
