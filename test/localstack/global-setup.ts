import type { TestProject } from 'vitest/node';
import { environmentOf, startLocalStack } from '../../infra/localstack/start-localstack.ts';

/** Starts LocalStack for this run; one that AWS_ENDPOINT_URL names on this machine is used as it is. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { AWS_ENDPOINT_URL: running } = process.env;
  if (running !== undefined && /^http:\/\/(127\.0\.0\.1|localhost):/.test(running)) {
    project.provide('localStack', environmentOf(running));
    return async () => {};
  }
  const localStack = await startLocalStack({ tell: (line) => process.stderr.write(`${line}\n`) });
  project.provide('localStack', { ...localStack.environment });
  return () => localStack.stop();
}
