import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { lambdaConcurrency, requestLambdaConcurrency } from '../../../cli/aws/lambda-concurrency.ts';

test('reads how many functions the account runs at once', async () => {
  const paths = await startLambda({ AccountLimit: { ConcurrentExecutions: 10 } });
  expect(await lambdaConcurrency('eu-west-1')).toBe(10);
  expect(paths).toEqual(['/2016-08-19/account-settings']);
  expect(requestLambdaConcurrency('eu-west-1')).toContain('--region eu-west-1 --service-code lambda');
});

/** Lambda with these settings of the account. @returns the paths of its requests */
async function startLambda(settings: object): Promise<string[]> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(settings));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  return paths;
}
