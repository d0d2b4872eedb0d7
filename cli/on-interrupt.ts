/**
 * Calls `act` at Ctrl-C, which then does not end the process.
 * @returns what makes Ctrl-C end the process again
 */
export function onInterrupt(act: () => void): () => void {
  // Not `once`: that removes the listener before it is called. The spinner's own, which restores the cursor, would then be the
  // only one, and ends the process if it is.
  process.on('SIGINT', act);
  return () => void process.off('SIGINT', act);
}
