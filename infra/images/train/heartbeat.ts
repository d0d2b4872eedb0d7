/**
 * Loaded before the training entry: touches a file every ten seconds while the event loop runs. The image's health
 * check reads the file's age: a step on a GPU takes seconds, so two minutes without a touch mean that the process
 * hangs.
 */
import { utimesSync, writeFileSync } from 'node:fs';

const file = process.env.GRAFT_HEARTBEAT_FILE ?? '/tmp/graft-heartbeat';

writeFileSync(file, '');
setInterval(() => utimesSync(file, new Date(), new Date()), 10_000).unref();
