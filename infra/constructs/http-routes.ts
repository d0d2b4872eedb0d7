import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type AddRoutesOptions, type HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Route } from '../../functions/api/route.ts';
import type { Settings } from '../settings.ts';
import type { Functions } from './functions.ts';

/** The variable that identifies the caller where a JWT authorizer checked the token: its subject. */
export const JWT_CALLER = '$context.authorizer.claims.sub';

/**
 * The stage of an API, with limits and an access log.
 * @param caller the variable of API Gateway that identifies the caller
 */
export function addStage(
  scope: Construct,
  httpApi: HttpApi,
  { logDays, rateLimit, burstLimit }: Settings,
  caller: string,
): HttpStage {
  const log = new LogGroup(scope, 'AccessLog', { retention: logDays, removalPolicy: RemovalPolicy.DESTROY });
  return new HttpStage(scope, 'Stage', {
    httpApi,
    autoDeploy: true,
    throttle: { rateLimit, burstLimit },
    accessLogSettings: { destination: new LogGroupLogDestination(log), format: accessLog(caller) },
  });
}

/** Adds routes, each to the function that responds to it. */
export function addRoutes(
  httpApi: HttpApi,
  routes: readonly Pick<Route, 'contract'>[],
  functions: Pick<Functions, 'api' | 'predict'>,
  access: Pick<AddRoutesOptions, 'authorizer' | 'authorizationScopes'> = {},
): void {
  // One permission per function, because its routes come from one table.
  const options = { timeout: Duration.seconds(29), scopePermissionToRoute: false };
  const toApi = new HttpLambdaIntegration('Api', functions.api, options);
  const toPredict = new HttpLambdaIntegration('Predict', functions.predict, options);
  for (const { contract } of routes) {
    httpApi.addRoutes({
      path: contract.path,
      methods: [HttpMethod[contract.method]],
      integration: isPrediction(contract.path) ? toPredict : toApi,
      ...access,
    });
  }
}

/** Whether the route runs a model, and so belongs to the function with onnxruntime. */
function isPrediction(path: string): boolean {
  return path.endsWith('/predict');
}

/** Caller, route and result of each request; neither bodies nor signatures. */
function accessLog(caller: string): AccessLogFormat {
  return AccessLogFormat.custom(
    JSON.stringify({
      time: '$context.requestTime',
      request: '$context.requestId',
      route: '$context.routeKey',
      path: '$context.path',
      status: '$context.status',
      caller,
      address: '$context.identity.sourceIp',
      milliseconds: '$context.responseLatency',
      bytes: '$context.responseLength',
      error: '$context.error.message',
    }),
  );
}
