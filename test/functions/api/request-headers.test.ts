import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, onTestFinished, test } from 'vitest';
import { routes } from '../../../functions/api/routes.ts';
import { apiHandler } from '../../../functions/api-handler.ts';
import { openExplainerLazily } from '../../../lib/explanation/lazy-explainer.ts';
import { openPredictor } from '../../../lib/inference/predictor.ts';
import { constantSession } from '../../support/api.ts';
import { recordingCompute, testWorld } from '../../support/world.ts';

/** Headers by which a caller could pretend to be someone, or somewhere, else. */
const FORGED = {
  authorization: 'Bearer forged',
  cookie: 'user=admin',
  forwarded: 'for=127.0.0.1;host=localhost',
  host: 'localhost',
  origin: 'http://localhost',
  'x-amzn-oidc-identity': 'admin',
  'x-forwarded-for': '127.0.0.1',
  'x-forwarded-host': 'localhost',
  'x-forwarded-user': 'admin',
  'x-original-url': '/v1/health',
};
const OF_CONTRACTS = ['content-type', 'idempotency-key', 'if-match', 'if-none-match'];

test('the functions read the headers of contracts only: neither who calls nor from where', async () => {
  const world = testWorld();
  const predictor = openPredictor(world.store, constantSession, openExplainerLazily);
  onTestFinished(() => predictor.close());
  const handler = apiHandler(routes, { world, compute: recordingCompute(), predictor });
  const read = new Set<string>();
  const headers = new Proxy<Record<string, string>>(
    { ...FORGED, 'content-type': 'application/json' },
    {
      get(target, name) {
        read.add(String(name));
        return target[String(name)];
      },
      ownKeys: () => expect.fail('all headers were listed'),
    },
  );
  for (const { contract } of routes) {
    const { statusCode } = await handler(eventOf(contract, headers));
    expect({ path: contract.path, isKnown: statusCode !== undefined && statusCode < 500 }).toEqual({
      path: contract.path,
      isKnown: true,
    });
  }
  expect(read.size).toBeGreaterThan(2);
  expect([...read].filter((name) => !OF_CONTRACTS.includes(name))).toEqual([]);
});

/** A request with an empty body, and one value for each parameter of the path. */
function eventOf({ method, path }: { method: string; path: string }, headers: Record<string, string>): APIGatewayProxyEventV2 {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path.replaceAll(/\{\w+\}/g, 'nobody'),
    rawQueryString: '',
    headers,
    pathParameters: Object.fromEntries(names.map((name) => [name, 'nobody'])),
    body: '{}',
    isBase64Encoded: false,
  } as unknown as APIGatewayProxyEventV2;
}
