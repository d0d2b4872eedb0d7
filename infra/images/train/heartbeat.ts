/**
 * Loaded before the training entry: touches a file every ten seconds for as long as the process comes round to it. The image's
 * health check looks at the file's age; a step on a GPU takes seconds, so two minutes without a touch are a hang.
 */
import { utimesSync, writeFileSync } from 'node:fs';

const file = process.env.GRAFT_HEARTBEAT_FILE ?? '/tmp/graft-heartbeat';

writeFileSync(file, '');
setInterval(() => utimesSync(file, new Date(), new Date()), 10_000).unref();
