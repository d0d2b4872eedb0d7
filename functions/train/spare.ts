/**
 * The training entry of a process that starts before its attempt. `spare.ts LOG` loads the modules that most attempts
 * need, and waits for an attempt from its parent. It then runs it as main.ts does, without a parent. If the parent ends
 * before that, it ends too, and removes its log.
 */
import { rmSync } from 'node:fs';
import type { JobAttempt } from '../../lib/ports.ts';

const [log = ''] = process.argv.slice(2);
// First of all, because the parent may end at any time.
const given = attemptFromParent();
// What runJob() and openWorld() load for a training.
const [{ runAttempt }] = await Promise.all([
  import('./run-attempt.ts'),
  import('../../lib/fine-tune.ts'),
  import('../../lib/local/embedded-world.ts'),
  import('../../lib/local/input-cache.ts'),
  import('../../lib/local/watch-folder.ts'),
  import('../local/machine-cache.ts'),
]);
await runAttempt(await given);
process.exit(0);

async function attemptFromParent(): Promise<JobAttempt> {
  const endAlone = () => {
    rmSync(log, { force: true });
    process.exit(0);
  };
  process.once('disconnect', endAlone);
  if (!process.connected) endAlone();
  return new Promise((resolve) => {
    process.once('message', (message) => {
      process.off('disconnect', endAlone);
      // From here on the parent's end does not matter; it may also be the reason that the answer fails.
      process.send?.('taken', () => {
        if (process.connected) process.disconnect();
      });
      if (isAttempt(message)) resolve(message);
      else throw new Error(`expected an attempt of a job, received ${JSON.stringify(message)}`);
    });
  });
}

function isAttempt(message: unknown): message is JobAttempt {
  return typeof message === 'object' && message !== null && 'job' in message && 'attempt' in message;
}
