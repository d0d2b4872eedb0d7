import { Validations } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { Construct } from 'constructs';
import { routes } from '../../functions/api/routes.ts';
import type { SignInSettings } from '../../lib/contracts/sign-in-settings.ts';
import type { Settings } from '../settings.ts';
import type { Functions } from './functions.ts';
import { addRoutes, addStage, JWT_CALLER } from './http-routes.ts';
import { API_SCOPE } from './users.ts';

export interface ConsoleApiProps {
  readonly settings: Settings;
  readonly functions: Pick<Functions, 'api' | 'predict'>;
}

/**
 * A second HTTP API for the same functions, for users of the console's site: a route has one authorizer, and those of
 * the first API stay with IAM.
 */
export class ConsoleApi extends Construct {
  readonly api: HttpApi;
  readonly #functions: ConsoleApiProps['functions'];

  constructor(scope: Construct, id: string, { settings, functions }: ConsoleApiProps) {
    super(scope, id);
    this.#functions = functions;
    this.api = new HttpApi(this, 'Http', {
      apiName: `${settings.name}-console`,
      description: 'The API of Graft, for users who sign in to the console.',
      createDefaultStage: false,
    });
    addStage(this, this.api, settings, JWT_CALLER);
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Every route has the JWT authorizer: test/infra/console-site.test.ts holds them to it.',
    });
  }

  /** Adds the routes of version 1, for access tokens of this client with the API's scope. */
  addRoutes({ issuer, clientId }: Pick<SignInSettings, 'issuer' | 'clientId'>): void {
    const authorizer = new HttpJwtAuthorizer('Jwt', issuer, { jwtAudience: [clientId] });
    const versioned = routes.filter(({ contract }) => contract.path.startsWith('/v1/'));
    addRoutes(this.api, versioned, this.#functions, { authorizer, authorizationScopes: [API_SCOPE] });
  }
}
