import { readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { deploymentFile, readDeployment, writeDeployment } from '../../cli/deployment.ts';
import { temporaryFolder } from '../support/folder.ts';

const deployment = { api: 'https://api.example.com', region: 'eu-central-1', stack: 'graft' };

test('reads the deployment that it wrote, and leaves no other file', async () => {
  const environment = { GRAFT_DATA_DIR: temporaryFolder() };
  expect(await readDeployment(environment)).toBeUndefined();
  await writeDeployment({ ...deployment, stack: 'earlier' }, environment);
  await writeDeployment(deployment, environment);
  expect(await readDeployment(environment)).toEqual(deployment);
  expect(readdirSync(environment.GRAFT_DATA_DIR)).toEqual(['deployment.json']);
});

test.each(['', '{"api":"https://api.exa', '{"api":"https://api.example.com"}'])('names a damaged file: %j', async (text) => {
  const environment = { GRAFT_DATA_DIR: temporaryFolder() };
  const file = deploymentFile(environment);
  writeFileSync(file, text);
  await expect(readDeployment(environment)).rejects.toMatchObject({
    name: 'RuntimeError',
    code: 'DOCUMENT_UNREADABLE',
    at: expect.stringContaining(file),
  });
});
