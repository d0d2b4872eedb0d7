import { UsageError } from '../errors.ts';

/**
 * Reads the name of a resource of the deployment from the environment.
 * @throws UsageError ENVIRONMENT_INCOMPLETE
 */
export function requireEnv(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (value !== undefined && value !== '') return value;
  throw new UsageError('ENVIRONMENT_INCOMPLETE', {
    at: name,
    expected: 'the name that graft deploy gives',
    received: 'nothing',
    fix: 'graft deploy sets it; elsewhere, set it as docs/local-aws.md shows',
  });
}
