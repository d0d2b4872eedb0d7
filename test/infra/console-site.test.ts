import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { routes } from '../../functions/api/routes.ts';
import { consolePolicy } from '../../functions/local/console-policy.ts';
import { statementsOf, synthStacks, textOf } from '../support/aws/stacks.ts';

const { graft, findings } = synthStacks({ gpu: false, consoleSite: 'true' });
const { graft: without } = synthStacks({ gpu: false });

/** The properties of the only resource of a type whose id begins so. */
// biome-ignore lint/suspicious/noExplicitAny: templates have no types
function only(type: string, id: RegExp): Record<string, any> {
  const found = Object.entries(graft.findResources(type)).filter(([name]) => id.test(name));
  expect(found).toHaveLength(1);
  return found[0]?.[1].Properties ?? {};
}

const DISTRIBUTION = /^https:\/\/<ConsoleDistribution\w+\.DomainName>/;

test('cdk-nag finds nothing that is not explained', () => {
  expect(findings).toEqual([]);
});

test('is off by default, and adds nothing to the other parts but a CORS rule of each bucket', () => {
  const resources = (template: Template): Record<string, { Type: string }> => template.toJSON().Resources;
  const added = Object.entries(resources(graft)).filter(([id]) => !(id in resources(without)));
  const changed = Object.keys(resources(without)).filter(
    (id) => JSON.stringify(resources(without)[id]) !== JSON.stringify(resources(graft)[id]),
  );
  expect(Object.keys(resources(without)).filter((id) => id.startsWith('Console'))).toEqual([]);
  expect(changed.map((id) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual(['StorageData', 'StorageModels']);
  // The functions' permissions for the second API have the ids of its routes; the alarm is beside the others.
  expect(added.filter(([id]) => !/^Console|^ObservabilityConsoleApiErrors/.test(id))).toEqual([]);
});

describe('the files', () => {
  test('are in an encrypted bucket that nobody but the distribution may read', () => {
    const bucket = only('AWS::S3::Bucket', /^ConsoleFiles/);
    expect(bucket).toMatchObject({
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(bucket).not.toHaveProperty('WebsiteConfiguration');
    const { PolicyDocument } = only('AWS::S3::BucketPolicy', /^ConsoleFiles/);
    const { Statement } = PolicyDocument;
    const allowed = Statement.filter(({ Effect }: { Effect: string }) => Effect === 'Allow');
    expect(allowed).toHaveLength(1);
    expect(allowed[0]).toMatchObject({
      Action: 's3:GetObject',
      Principal: { Service: 'cloudfront.amazonaws.com' },
      Condition: { StringEquals: { 'AWS:SourceArn': expect.anything() } },
    });
    expect(JSON.stringify(allowed[0]?.Condition)).toMatch(/:distribution\/.*"Ref":"ConsoleDistribution/);
  });

  test('are written by no role of the stack', () => {
    const roles = statementsOf(graft).filter(({ who }) => !/^ConsoleFilesPolicy/.test(who));
    expect(roles.filter(({ resources }) => resources.some((resource) => /console/i.test(resource)))).toEqual([]);
  });
});

describe('the distribution', () => {
  const { DistributionConfig } = only('AWS::CloudFront::Distribution', /^ConsoleDistribution/);
  const { DefaultCacheBehavior, CacheBehaviors, Origins, DefaultRootObject } = DistributionConfig;
  const [files, api] = Origins;

  test('signs what it reads of the bucket, and reaches the API by TLS 1.2', () => {
    const control = only('AWS::CloudFront::OriginAccessControl', /^ConsoleAccess/);
    expect(control).toMatchObject({
      OriginAccessControlConfig: { OriginAccessControlOriginType: 's3', SigningBehavior: 'always', SigningProtocol: 'sigv4' },
    });
    expect(files).toMatchObject({ OriginAccessControlId: { 'Fn::GetAtt': [expect.stringMatching(/^ConsoleAccess/), 'Id'] } });
    expect(api).toMatchObject({ CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] } });
    expect(textOf(api?.DomainName)).toMatch(/^<ConsoleApiHttp\w+>\.execute-api\.<AWS::Region>\.<AWS::URLSuffix>$/);
  });

  test.each([
    ['the page', () => DefaultCacheBehavior, 'redirect-to-https', ['GET', 'HEAD']],
    ['the API', () => CacheBehaviors[0], 'https-only', ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE']],
  ])('gives %s over HTTPS only, with the headers of the console', (_, behaviour, protocol, methods) => {
    expect(behaviour()).toMatchObject({
      ViewerProtocolPolicy: protocol,
      AllowedMethods: methods,
      ResponseHeadersPolicyId: { Ref: expect.stringMatching(/^ConsoleHeaders/) },
    });
  });

  test('caches no response of the API, and passes on all headers but the host', () => {
    expect(DefaultRootObject).toBe('index.html');
    expect(CacheBehaviors).toHaveLength(1);
    expect(CacheBehaviors[0]).toMatchObject({
      PathPattern: '/v1/*',
      // Managed policies: CachingDisabled and AllViewerExceptHostHeader.
      CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
      OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
    });
  });

  test('sends the policy of the console, which allows sign-in and signed requests, and HSTS', () => {
    const { ResponseHeadersPolicyConfig } = only('AWS::CloudFront::ResponseHeadersPolicy', /^ConsoleHeaders/);
    const { SecurityHeadersConfig, CustomHeadersConfig } = ResponseHeadersPolicyConfig;
    const { ContentSecurityPolicy, ...others } = SecurityHeadersConfig;
    const account = '<AWS::AccountId>';
    const region = '<AWS::Region>';
    expect(textOf(ContentSecurityPolicy?.ContentSecurityPolicy)).toBe(
      consolePolicy([
        `https://graft-${account}.auth.${region}.amazoncognito.com`,
        `https://graft-data-${account}-${region}.s3.${region}.<AWS::URLSuffix>`,
        `https://graft-models-${account}-${region}.s3.${region}.<AWS::URLSuffix>`,
      ]),
    );
    expect(ContentSecurityPolicy?.Override).toBe(true);
    expect(others).toEqual({
      ContentTypeOptions: { Override: true },
      FrameOptions: { FrameOption: 'DENY', Override: true },
      ReferrerPolicy: { ReferrerPolicy: 'no-referrer', Override: true },
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, IncludeSubdomains: true, Override: true },
    });
    const { Items } = CustomHeadersConfig;
    expect(Items.map(({ Header }: { Header: string }) => Header)).toEqual([
      'cross-origin-opener-policy',
      'cross-origin-resource-policy',
      'permissions-policy',
    ]);
  });

  test('is the one origin that may use signed requests besides those of the setting', () => {
    const rulesOf = (id: RegExp) => only('AWS::S3::Bucket', id).CorsConfiguration;
    const [, data] = rulesOf(/^StorageData/).CorsRules;
    const [models, ...more] = rulesOf(/^StorageModels/).CorsRules;
    expect(more).toEqual([]);
    expect([data.AllowedMethods, models.AllowedMethods]).toEqual([['GET', 'PUT'], ['GET']]);
    for (const rule of [data, models]) {
      const origins = rule.AllowedOrigins.map(textOf);
      expect(origins).toEqual([expect.stringMatching(DISTRIBUTION)]);
    }
  });
});

describe('the API of the site', () => {
  const ofSite = Object.entries(graft.findResources('AWS::ApiGatewayV2::Route')).filter(([id]) => id.startsWith('Console'));

  test('has every route of version 1, each for access tokens with its scope only', () => {
    const versioned = routes.filter(({ contract }) => contract.path.startsWith('/v1/'));
    expect(ofSite.map(([, { Properties }]) => Properties.RouteKey).sort()).toEqual(
      versioned.map(({ contract }) => `${contract.method} ${contract.path}`).sort(),
    );
    for (const [, { Properties }] of ofSite) {
      expect(Properties).toMatchObject({ AuthorizationType: 'JWT', AuthorizationScopes: ['graft/api'] });
      expect(Properties.AuthorizerId).toEqual({ Ref: expect.stringMatching(/^ConsoleApiHttpJwt/) });
    }
  });

  test('takes tokens of the one client of its users', () => {
    const { JwtConfiguration, IdentitySource } = only('AWS::ApiGatewayV2::Authorizer', /^ConsoleApi/);
    const { Audience, Issuer } = JwtConfiguration;
    expect(IdentitySource).toEqual(['$request.header.Authorization']);
    expect(Audience).toEqual([{ Ref: expect.stringMatching(/^ConsoleUsersPoolConsole/) }]);
    expect(textOf(Issuer)).toMatch(/^<ConsoleUsersPool\w+\.ProviderURL>$/);
  });

  test('opens no CORS, is throttled, and logs who asked but no token', () => {
    expect(only('AWS::ApiGatewayV2::Api', /^Console/)).not.toHaveProperty('CorsConfiguration');
    const { DefaultRouteSettings, AccessLogSettings } = only('AWS::ApiGatewayV2::Stage', /^Console/);
    expect(DefaultRouteSettings).toEqual({ ThrottlingRateLimit: 20, ThrottlingBurstLimit: 40 });
    const { Format } = AccessLogSettings;
    expect(Format).toContain('$context.authorizer.claims.sub');
    expect(Format).not.toMatch(/body|authorization|header/);
  });

  test('leaves the other API with IAM', () => {
    const others = Object.entries(graft.findResources('AWS::ApiGatewayV2::Route')).filter(([id]) => !id.startsWith('Console'));
    expect(others).toHaveLength(routes.length);
    for (const [, { Properties }] of others) expect(Properties.AuthorizationType).toBe('AWS_IAM');
  });
});

describe('the users', () => {
  test('are created by an administrator, have long passwords and an authenticator app, and go with the stack', () => {
    expect(only('AWS::Cognito::UserPool', /^ConsoleUsers/)).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      MfaConfiguration: 'ON',
      EnabledMfas: ['SOFTWARE_TOKEN_MFA'],
      Policies: {
        PasswordPolicy: {
          MinimumLength: 12,
          RequireLowercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
          RequireUppercase: true,
          TemporaryPasswordValidityDays: 3,
        },
      },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
    });
    graft.allResources('AWS::Cognito::UserPool', { DeletionPolicy: 'Delete' });
  });

  test('sign in by code at the one address of the page, with short tokens and refresh tokens that are used once', () => {
    const client = only('AWS::Cognito::UserPoolClient', /^ConsoleUsers/);
    expect(client).toMatchObject({
      GenerateSecret: false,
      AllowedOAuthFlows: ['code'],
      ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
      SupportedIdentityProviders: ['COGNITO'],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
      AccessTokenValidity: 15,
      IdTokenValidity: 15,
      RefreshTokenValidity: 720,
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 30 },
    });
    expect(client.AllowedOAuthScopes.map(textOf)).toEqual([
      'openid',
      'email',
      expect.stringMatching(/^<ConsoleUsersPoolApi\w+>\/api$/),
    ]);
    for (const urls of [client.CallbackURLs, client.LogoutURLs])
      expect(urls.map(textOf)).toEqual([expect.stringMatching(new RegExp(`${DISTRIBUTION.source}/$`))]);
  });

  test('need no authenticator app if the setting says so', () => {
    const { graft: off, findings: found } = synthStacks({ gpu: false, consoleSite: 'true', consoleMfa: 'off' });
    expect(found).toEqual([]);
    off.hasResourceProperties('AWS::Cognito::UserPool', { MfaConfiguration: 'OFF', EnabledMfas: Match.absent() });
  });
});

test('outputs name what graft deploy needs to publish the page', () => {
  const { ConsoleUrl, ConsoleBucket, ConsoleUserPool, ConsoleSignIn } = graft.toJSON().Outputs;
  expect(textOf(ConsoleUrl.Value)).toMatch(new RegExp(`${DISTRIBUTION.source}/$`));
  expect(textOf(ConsoleBucket.Value)).toMatch(/^<ConsoleFiles/);
  expect(textOf(ConsoleUserPool.Value)).toMatch(/^<ConsoleUsersPool/);
  const pages = 'https://graft-<AWS::AccountId>.auth.<AWS::Region>.amazoncognito.com';
  const settings = JSON.parse(textOf(ConsoleSignIn.Value));
  expect(settings).toEqual({
    issuer: expect.stringMatching(/^<ConsoleUsersPool\w+\.ProviderURL>$/),
    authorizationEndpoint: `${pages}/oauth2/authorize`,
    tokenEndpoint: `${pages}/oauth2/token`,
    revocationEndpoint: `${pages}/oauth2/revoke`,
    signOut: `${pages}/logout?client_id=${settings.clientId}&logout_uri=${textOf(ConsoleUrl.Value)}`,
    clientId: expect.stringMatching(/^<ConsoleUsersPoolConsole\w+>$/),
    scope: 'openid email graft/api',
  });
});

test('no policy allows an action or everything by a wildcard', () => {
  const ofSite = statementsOf(graft).filter(({ who }) => who.startsWith('Console'));
  const actions = ofSite.flatMap((statement) => statement.actions).filter((action) => action.includes('*'));
  // The policy of the bucket denies everything to requests without TLS.
  expect(new Set(actions)).toEqual(new Set(['s3:*']));
  expect(ofSite.filter(({ resources }) => resources.includes('*'))).toEqual([]);
});

test.each([
  ['my-aws', 'true', /name/],
  ['amazonia', 'true', /name/],
  ['graft', 'perhaps', /consoleSite/],
])('the name %s with consoleSite %s is refused, and named', (name, consoleSite, message) => {
  expect(() => synthStacks({ gpu: false, name, consoleSite })).toThrow(message);
});
