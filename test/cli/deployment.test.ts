import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { deploymentFile, readDeployment, removeDeployment, writeDeployment } from '../../cli/deployment.ts';
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

test('forgets the deployment that is gone, and no other one', async () => {
  const environment = { GRAFT_DATA_DIR: temporaryFolder() };
  await removeDeployment('graft', environment);
  await writeDeployment({ ...deployment, stack: 'shop' }, environment);
  await removeDeployment('graft', environment);
  expect(await readDeployment(environment)).toMatchObject({ stack: 'shop' });
  await removeDeployment('shop', environment);
  expect(await readDeployment(environment)).toBeUndefined();
});

test('leaves a damaged file where it is', async () => {
  const environment = { GRAFT_DATA_DIR: temporaryFolder() };
  writeFileSync(deploymentFile(environment), '{"api"');
  await removeDeployment('graft', environment);
  expect(readFileSync(deploymentFile(environment), 'utf8')).toBe('{"api"');
});
