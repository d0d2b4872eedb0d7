import { Validations } from 'aws-cdk-lib';
import { HttpApi, type IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { Construct } from 'constructs';
import { routes } from '../../functions/api/routes.ts';
import type { Settings } from '../settings.ts';
import type { Functions } from './functions.ts';
import { addRoutes, addStage, JWT_CALLER } from './http-routes.ts';

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
    const { authorizer, caller } = authentication(settings);
    this.api = new HttpApi(this, 'Http', {
      apiName: settings.name,
      description: 'Graft: labelled images in, a served model out.',
      createDefaultStage: false,
      defaultAuthorizer: authorizer,
    });
    this.url = addStage(this, this.api, settings, caller).url;
    addRoutes(this.api, routes, functions);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Every route has the default authorizer, IAM or JWT: test/infra/graft-stack.test.ts holds them to it.',
    });
  }
}

/** Who checks a request, and the variable of API Gateway that identifies its caller then. */
function authentication({ jwtIssuer, jwtAudience }: Settings): { authorizer: IHttpRouteAuthorizer; caller: string } {
  if (jwtIssuer === undefined || jwtAudience === undefined)
    return { authorizer: new HttpIamAuthorizer(), caller: '$context.identity.caller' };
  return { authorizer: new HttpJwtAuthorizer('Jwt', jwtIssuer, { jwtAudience }), caller: JWT_CALLER };
}
