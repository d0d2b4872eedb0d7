import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { dataDirectory } from '../functions/world.ts';
import { decodeDocument } from '../lib/store/documents.ts';
import { writeWholeFile } from './files/write-whole-file.ts';

/** What `graft deploy` saves in the data folder for --remote. */
const Deployment = z.object({
  /** Address of the API. */
  api: z.url(),
  region: z.string(),
  /** Of AWS, 12 digits. Absent if an earlier version of Graft deployed. */
  account: z.string().optional(),
  /** Of the CloudFormation stack. */
  stack: z.string(),
});
export type Deployment = z.infer<typeof Deployment>;

export function deploymentFile(environment: NodeJS.ProcessEnv): string {
  return join(dataDirectory(environment), 'deployment.json');
}

/** @returns undefined if nothing was deployed from this folder @throws RuntimeError DOCUMENT_UNREADABLE */
export async function readDeployment(environment: NodeJS.ProcessEnv): Promise<Deployment | undefined> {
  const file = deploymentFile(environment);
  const bytes = await readFile(file).catch(() => undefined);
  return bytes === undefined ? undefined : decodeDocument(Deployment, file, bytes).value;
}

/** @throws UsageError FILE_UNWRITABLE */
export async function writeDeployment(deployment: Deployment, environment: NodeJS.ProcessEnv): Promise<void> {
  const file = deploymentFile(environment);
  // If this makes the data folder, it has the mode that Graft gives it elsewhere.
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeWholeFile(file, [`${JSON.stringify(deployment, null, 2)}\n`]);
}

/**
 * Removes what was saved of a deployment that is gone. The file stays if it names another one, or cannot be read.
 * @param stack its CloudFormation stack
 */
export async function removeDeployment(stack: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const saved = await readDeployment(environment).catch(() => undefined);
  if (saved?.stack !== stack) return;
  await rm(deploymentFile(environment), { force: true });
}
