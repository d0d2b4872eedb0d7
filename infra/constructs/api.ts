import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, type IHttpRouteAuthorizer, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { routes } from '../../functions/api/routes.ts';
import type { Settings } from '../settings.ts';
import type { Functions } from './functions.ts';

export interface ApiProps {
  readonly settings: Settings;
  readonly functions: Pick<Functions, 'api' | 'predict'>;
}

/** The HTTP API: a route for each row of functions/api/routes.ts, each with an authorizer. */
export class Api extends Construct {
  readonly url: string;
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, { settings, functions }: ApiProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Http', {
      apiName: settings.name,
      description: 'Graft: labelled images in, a served model out.',
      createDefaultStage: false,
      defaultAuthorizer: authorizer(settings),
    });
    const log = new LogGroup(this, 'AccessLog', { retention: settings.logDays, removalPolicy: RemovalPolicy.DESTROY });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle: { rateLimit: settings.rateLimit, burstLimit: settings.burstLimit },
      accessLogSettings: { destination: new LogGroupLogDestination(log), format: ACCESS_LOG },
    });
    this.url = stage.url;

    const timeout = Duration.seconds(29);
    // One permission per function, because its routes come from one table.
    const options = { timeout, scopePermissionToRoute: false };
    const toApi = new HttpLambdaIntegration('Api', functions.api, options);
    const toPredict = new HttpLambdaIntegration('Predict', functions.predict, options);
    for (const { contract } of routes) {
      this.api.addRoutes({
        path: contract.path,
        methods: [HttpMethod[contract.method]],
        integration: isPrediction(contract.path) ? toPredict : toApi,
      });
    }
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Every route has the default authorizer, IAM or JWT: test/infra/graft-stack.test.ts holds them to it.',
    });
  }
}

/** Whether the route runs a model, and so belongs to the function with onnxruntime. */
export function isPrediction(path: string): boolean {
  return path.endsWith('/predict');
}

function authorizer({ jwtIssuer, jwtAudience }: Settings): IHttpRouteAuthorizer {
  if (jwtIssuer === undefined || jwtAudience === undefined) return new HttpIamAuthorizer();
  return new HttpJwtAuthorizer('Jwt', jwtIssuer, { jwtAudience });
}

/** Caller, route and result of each request; neither bodies nor signatures. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    time: '$context.requestTime',
    request: '$context.requestId',
    route: '$context.routeKey',
    path: '$context.path',
    status: '$context.status',
    caller: '$context.identity.caller',
    address: '$context.identity.sourceIp',
    milliseconds: '$context.responseLatency',
    bytes: '$context.responseLength',
    error: '$context.error.message',
  }),
);
