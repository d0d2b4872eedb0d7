import { Validations } from 'aws-cdk-lib';
import { HttpApi, type IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { Construct } from 'constructs';
import { routes } from '../../functions/api/routes.ts';
import type { Settings } from '../settings.ts';
import type { Functions } from './functions.ts';
import { addRoutes, addStage } from './http-routes.ts';

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
    this.url = addStage(this, this.api, settings, '$context.identity.caller').url;
    addRoutes(this.api, routes, functions);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Every route has the default authorizer, IAM or JWT: test/infra/graft-stack.test.ts holds them to it.',
    });
  }
}

function authorizer({ jwtIssuer, jwtAudience }: Settings): IHttpRouteAuthorizer {
  if (jwtIssuer === undefined || jwtAudience === undefined) return new HttpIamAuthorizer();
  return new HttpJwtAuthorizer('Jwt', jwtIssuer, { jwtAudience });
}
