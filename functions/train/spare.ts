/**
 * The training entry of a process that starts before its attempt. `spare.ts LOG` loads the modules that most attempts
 * need, and waits for an attempt from its parent. It then runs it as main.ts does, without a parent. If the parent ends
 * before that, it ends too, and removes its log.
 */
import { rmSync } from 'node:fs';

const [log = ''] = process.argv.slice(2);
// First of all, because the parent may end at any time.
const message = messageFromParent();
// What runJob() and openWorld() load for a training.
const [{ runAttempt }, { AttemptMessage }] = await Promise.all([
  import('./run-attempt.ts'),
  import('./attempt-message.ts'),
  import('../../lib/fine-tune.ts'),
  import('../../lib/local/embedded-world.ts'),
  import('../../lib/local/input-cache.ts'),
  import('../../lib/local/watch-folder.ts'),
  import('../local/machine-cache.ts'),
]);
await runAttempt(AttemptMessage.parse(await message));
process.exit(0);

async function messageFromParent(): Promise<unknown> {
  const endAlone = () => {
    rmSync(log, { force: true });
    process.exit(0);
  };
  process.once('disconnect', endAlone);
  if (!process.connected) endAlone();
  return new Promise((resolve) => {
    process.once('message', (received) => {
      process.off('disconnect', endAlone);
      // From here on the parent's end does not matter; it may also be the reason that the answer fails.
      process.send?.('taken', () => {
        if (process.connected) process.disconnect();
      });
      resolve(received);
    });
  });
}
