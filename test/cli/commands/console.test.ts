import { expect, test } from 'vitest';
import { findApi } from '../../../cli/commands/console.ts';
import { writeDeployment } from '../../../cli/deployment.ts';
import { temporaryFolder } from '../../support/folder.ts';

const deployment = { api: 'https://api.example.com', region: 'eu-central-1', stack: 'graft' };
const server = 'http://127.0.0.1:4400';

test.each([
  [{}, false, deployment],
  [{ GRAFT_API: server }, false, { api: server }],
  [{ GRAFT_API: server }, true, deployment],
])('the console with %j is, where --remote is %j, that of %j', async (variables, remote, found) => {
  const environment = { GRAFT_DATA_DIR: temporaryFolder(), ...variables };
  await writeDeployment(deployment, environment);
  expect(await findApi(environment, { remote })).toEqual(found);
});

test.each([
  [{}, false, 'graft console'],
  [{ GRAFT_API: server }, true, '--remote'],
])('there is no console with %j where nothing is deployed and --remote is %j', async (variables, remote, at) => {
  const environment = { GRAFT_DATA_DIR: temporaryFolder(), ...variables };
  await expect(findApi(environment, { remote })).rejects.toMatchObject({ code: 'NOTHING_DEPLOYED', at });
});
