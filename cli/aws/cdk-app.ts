import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from '../../lib/errors.ts';

/**
 * The folder of the CDK app: this checkout of the repository. The first package.json above this file is Graft's own; a
 * cdk.json above that belongs to a project that has Graft installed.
 * @param from a folder in it
 * @throws UsageError CDK_APP_MISSING
 */
export function findCdkApp(from = import.meta.dirname): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  if (existsSync(join(folder, 'cdk.json'))) return folder;
  throw new UsageError('CDK_APP_MISSING', {
    expected: 'a checkout of the repository, which has infra/ and cdk.json',
    received: 'the package alone',
    fix: 'clone the repository, npm ci, and deploy from there',
  });
}

/**
 * Loads a command of deployments. Checks first that this is the repository: the package alone lacks the SDKs that these
 * commands import.
 * @throws UsageError CDK_APP_MISSING
 */
export async function withCdkApp<Module>(load: () => Promise<Module>): Promise<Module> {
  findCdkApp();
  return load();
}
