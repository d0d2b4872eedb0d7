import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { findAccount } from '../../cli/aws/account.ts';
import { explainCdk } from '../../cli/aws/explain-cdk.ts';

const where = { account: '123456789012', arn: 'arn:aws:iam::123456789012:user/me', region: 'eu-central-1' };

describe('a deployment that fails', () => {
  test.each([
    [
      'NOT_BOOTSTRAPPED',
      'graft: SSM parameter /cdk-bootstrap/hnb659fds/version not found. Has the environment been bootstrapped? Please run ' +
        "'cdk bootstrap'",
      'npx cdk bootstrap aws://123456789012/eu-central-1',
    ],
    [
      'NOT_BOOTSTRAPPED',
      'This CDK deployment requires bootstrap stack version 6, found 4: bootstrap stack version 4 is too old',
      'npx cdk bootstrap',
    ],
    [
      'BUCKET_NAME_TAKEN',
      'CREATE_FAILED | AWS::S3::Bucket | Data graft-data-1-eu-central-1 already exists in bucket store',
      '--name NAME',
    ],
    [
      'BUCKET_NAME_TAKEN',
      'The requested bucket name is not available. (Service: S3, Status Code: 409, BucketAlreadyExists)',
      '--name NAME',
    ],
    [
      'BUCKET_NAME_TAKEN',
      'graft-data-123456789012-eu-central-1 already exists in stack arn:aws:cloudformation:eu-central-1:1:stack/graft-storage/1',
      'describe-stack-resources --region eu-central-1 --physical-resource-id BUCKET names its stack: if that is a ' +
        'deployment of Graft, remove the stack',
    ],
    ['DOCKER_MISSING', 'ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock', '--no-gpu'],
    ['DOCKER_MISSING', 'GraftGpu: fail: docker build: spawn docker ENOENT', '--no-gpu'],
    [
      'LAMBDA_MEMORY_LIMIT',
      "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 3008",
      'trainingMemory=3008',
    ],
    ['DEPLOYMENT_DENIED', 'User: me is not authorized to perform: cloudformation:CreateChangeSet', 'account 123456789012'],
    ['CREDENTIALS_REFUSED', 'ExpiredToken: The security token included in the request is expired', 'aws sso login'],
    ['STACK_BROKEN', 'Stack graft is in ROLLBACK_COMPLETE state and can not be updated', 'graft destroy'],
    ['STACK_BROKEN', 'Stack graft is in UPDATE_ROLLBACK_FAILED state and can not be updated', 'continue-update-rollback'],
    ['CDK_FAILED', '❌  Graft failed: the stack failed to deploy: UPDATE_ROLLBACK_COMPLETE: limit exceeded', 'graft doctor'],
    ['CDK_FAILED', '❌  Graft failed: something that nobody has seen before', 'graft doctor'],
  ])('is %s where CDK says: %s', (code, said, fix) => {
    const error = explainCdk(['synthesizing', said, ''], where);
    expect(error).toMatchObject({ code, at: '123456789012/eu-central-1', fix: expect.stringContaining(fix) });
    // One sentence, and one for what fixes it.
    expect(error.message.split('\n')).toHaveLength(1);
  });
});

test('an app that cannot be made tells its own reason, and not only that it ended', () => {
  const said = [
    'Error: a setting of the deployment does not fit: logDays',
    '    at readSettings (file:///graft/lib/errors.ts:1:2)',
    './node_modules/.bin/node infra/app.ts: Subprocess exited with error 1',
  ];
  expect(explainCdk(said, where)).toMatchObject({ code: 'CDK_FAILED', received: said[0] });
});

describe('whose account it is', () => {
  afterEach(() => vi.unstubAllEnvs());

  test.each([
    ['no region', { AWS_REGION: undefined }, 'REGION_MISSING', /AWS_REGION/],
    ['no credentials', {}, 'CREDENTIALS_MISSING', /aws configure/],
    ['a region that there is not', { ...keys(), AWS_REGION: 'us-nowhere-9' }, 'REGION_UNREACHABLE', /AWS_REGION/],
    ['nothing that answers', { ...keys(), AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }, 'REGION_UNREACHABLE', /network/],
  ] as const)('is not known with %s, and told in one sentence', async (_, environment, code, fix) => {
    stub(environment);
    await expect(findAccount()).rejects.toMatchObject({ code, fix: expect.stringMatching(fix) });
  });

  test('is not known with keys that AWS refuses', async () => {
    const server = createServer((_, response) => {
      const body =
        '<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token is ' +
        'invalid.</Message></Error></ErrorResponse>';
      response.writeHead(403, { 'content-type': 'text/xml' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    stub({ ...keys(), AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    await expect(findAccount()).rejects.toMatchObject({
      code: 'CREDENTIALS_REFUSED',
      received: 'The security token is invalid.',
    });
  });
});

function keys() {
  return { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
}

/** An environment of which this machine's own profile, role and region are no part. */
function stub(environment: Readonly<Record<string, string | undefined>>): void {
  const nothing = {
    AWS_CONFIG_FILE: '/nowhere/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere/credentials',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const unset = [
    'AWS_PROFILE',
    'AWS_DEFAULT_REGION',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_ENDPOINT_URL',
  ];
  for (const name of unset) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({ ...nothing, AWS_REGION: 'us-east-1', ...environment })) vi.stubEnv(name, value);
}
