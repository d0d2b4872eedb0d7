import { expect, test } from 'vitest';
import { lambdaConcurrency, requestLambdaConcurrency } from '../../../cli/aws/lambda-concurrency.ts';
import { startAwsEndpoint } from '../../support/aws/aws-endpoint.ts';

test('reads how many functions the account runs at once', async () => {
  const paths = await startLambda({ AccountLimit: { ConcurrentExecutions: 10 } });
  expect(await lambdaConcurrency('eu-west-1')).toBe(10);
  expect(paths).toEqual(['/2016-08-19/account-settings']);
  expect(requestLambdaConcurrency('eu-west-1')).toContain('--region eu-west-1 --service-code lambda');
});

/** Lambda with these settings of the account. @returns the paths of its requests */
async function startLambda(settings: object): Promise<string[]> {
  const paths: string[] = [];
  await startAwsEndpoint((request, response) => {
    paths.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(settings));
  });
  return paths;
}
