import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, test } from 'vitest';
import { health } from '../../functions/api/health.ts';
import { apiHandler } from '../../functions/api-handler.ts';
import { noPredictor } from '../../functions/unavailable-services.ts';
import { apiSystem, ask } from '../support/api.ts';
import { recordingCompute, testWorld } from '../support/world.ts';

test('a function answers a request for a route that it lacks as one machine does', async () => {
  const handler = apiHandler([health], { world: testWorld(), compute: recordingCompute(), predictor: noPredictor });
  const event = { routeKey: '$default', rawPath: '/v1/nothing' } as APIGatewayProxyEventV2;
  const { statusCode, headers, body = '' } = await handler(event);
  const { status, json } = await ask(apiSystem().api, 'GET /v1/nothing');
  expect({ status: statusCode, json: JSON.parse(body) }).toEqual({ status, json });
  expect(headers).toEqual({ 'content-type': 'application/problem+json' });
  expect(json).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND', at: '/v1/nothing' });
});
