/**
 * `npm run localstack [-- PORT]`: LocalStack on this machine until Ctrl-C. The port may also be in LOCALSTACK_PORT;
 * default 4566.
 */
import { asGraftError } from '../../lib/errors.ts';
import { startLocalStack } from './start-localstack.ts';

const port = Number(process.argv[2] ?? process.env.LOCALSTACK_PORT ?? 4566);
try {
  const localStack = await startLocalStack({ port, tell: console.error });
  for (const [name, value] of Object.entries(localStack.environment)) console.log(`export ${name}=${value}`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    // Keeps the process running until a signal.
    setInterval(() => {}, 2 ** 30);
  });
  await localStack.stop();
  process.exit(0);
} catch (error) {
  console.error(asGraftError(error).message);
  process.exit(1);
}
