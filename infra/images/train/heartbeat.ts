/**
 * Loaded before the training entry: touches a file every ten seconds while the event loop runs. The image's health
 * check reads the file's age: a step on a GPU takes seconds, so two minutes without a touch mean that the process
 * hangs.
 */
import { utimesSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const file = process.env.GRAFT_HEARTBEAT_FILE ?? '/tmp/graft-heartbeat';

// Threads load this module, too, but say nothing about the loop of the main thread.
if (isMainThread) {
  writeFileSync(file, '');
  setInterval(() => utimesSync(file, new Date(), new Date()), 10_000).unref();
}
