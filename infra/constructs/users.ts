import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  FeaturePlan,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  UserPool,
  type UserPoolResourceServer,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import type { SignInSettings } from '../../lib/contracts/sign-in-settings.ts';
import type { Settings } from '../settings.ts';

/** What an access token must allow. Tokens that Cognito issues outside of the site's sign-in do not have it. */
export const API_SCOPE = 'graft/api';

/** The users of the console's site, whom an administrator creates, and the pages on which they sign in. */
export class Users extends Construct {
  readonly pool: UserPool;
  /** Origin of the pages and endpoints of sign-in. By name, so that no other resource waits for it. */
  readonly origin: string;
  readonly #resourceServer: UserPoolResourceServer;
  readonly #scope = new ResourceServerScope({ scopeName: 'api', scopeDescription: 'Every route of the API.' });

  constructor(scope: Construct, id: string, { name, consoleMfa }: Pick<Settings, 'name' | 'consoleMfa'>) {
    super(scope, id);
    const { account, region } = Stack.of(this);
    const isMfaRequired = consoleMfa === 'required';
    this.pool = new UserPool(this, 'Pool', {
      userPoolName: `${name}-console`,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireSymbols: true,
        requireUppercase: true,
        tempPasswordValidity: Duration.days(3),
      },
      mfa: isMfaRequired ? Mfa.REQUIRED : Mfa.OFF,
      ...(isMfaRequired && { mfaSecondFactor: { otp: true, sms: false } }),
      featurePlan: FeaturePlan.ESSENTIALS,
      // A pool that stays would keep the name of its pages, so that no later deployment could take it.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const prefix = `${name}-${account}`;
    this.pool.addDomain('Pages', { cognitoDomain: { domainPrefix: prefix } });
    this.origin = `https://${prefix}.auth.${region}.amazoncognito.com`;
    const [identifier = ''] = API_SCOPE.split('/');
    this.#resourceServer = this.pool.addResourceServer('Api', { identifier, scopes: [this.#scope] });
    Validations.of(this.pool).acknowledge(
      {
        id: 'AwsSolutions-COG8',
        reason: 'Threat protection needs the plan Plus, which costs 0.02 USD for each user and month.',
      },
      ...(isMfaRequired
        ? []
        : [{ id: 'AwsSolutions-COG2', reason: 'The setting consoleMfa says so; the default requires MFA.' }]),
    );
  }

  /** The public client of a page, which signs in by authorization code with PKCE. @param page its address, with `/` */
  addClient(page: string): SignInSettings {
    const client = this.pool.addClient('Console', {
      generateSecret: false,
      // Without any, Cognito would allow more. Tokens of this one do not have the scope of the API.
      authFlows: { userSrp: true },
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [OAuthScope.OPENID, OAuthScope.EMAIL, OAuthScope.resourceServer(this.#resourceServer, this.#scope)],
        callbackUrls: [page],
        logoutUrls: [page],
      },
      preventUserExistenceErrors: true,
      enableTokenRevocation: true,
      // API Gateway accepts an access token until it expires, also that of a removed user.
      accessTokenValidity: Duration.minutes(15),
      idTokenValidity: Duration.minutes(15),
      refreshTokenValidity: Duration.hours(12),
      refreshTokenRotationGracePeriod: Duration.seconds(30),
    });
    const { userPoolClientId: clientId } = client;
    return {
      issuer: this.pool.userPoolProviderUrl,
      authorizationEndpoint: `${this.origin}/oauth2/authorize`,
      tokenEndpoint: `${this.origin}/oauth2/token`,
      revocationEndpoint: `${this.origin}/oauth2/revoke`,
      // The address comes last, unescaped: it is known to CloudFormation only, and has no character to escape but "/".
      signOut: `${this.origin}/logout?client_id=${clientId}&logout_uri=${page}`,
      clientId,
      scope: `openid email ${API_SCOPE}`,
    };
  }
}
