import { Duration, Stack, Validations } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  ResponseHeadersPolicy,
  S3OriginAccessControl,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { CONSOLE_HEADERS, consolePolicy } from '../../functions/local/console-policy.ts';
import type { SignInSettings } from '../../lib/contracts/sign-in-settings.ts';
import type { Settings } from '../settings.ts';
import { bucketName } from './bucket-name.ts';
import { bucketRemoval } from './bucket-removal.ts';
import { ConsoleApi } from './console-api.ts';
import type { Functions } from './functions.ts';
import type { Storage } from './storage.ts';
import { Users } from './users.ts';

export interface ConsoleSiteProps {
  readonly settings: Settings;
  readonly functions: Pick<Functions, 'api' | 'predict'>;
  readonly storage: Storage;
}

/**
 * The console as a site: CloudFront serves its files from a private bucket, and below /v1/ an API for users who sign
 * in. One origin has both, so the API needs no CORS. `graft deploy` puts the files into the bucket.
 */
export class ConsoleSite extends Construct {
  /** Of the page, with `/`. */
  readonly url: string;
  readonly bucket: Bucket;
  readonly api: HttpApi;
  readonly users: Users;
  readonly signIn: SignInSettings;

  constructor(scope: Construct, id: string, { settings, functions, storage }: ConsoleSiteProps) {
    super(scope, id);
    this.bucket = this.#filesBucket(settings);
    this.users = new Users(this, 'Users', settings);
    const api = new ConsoleApi(this, 'Api', { settings, functions });
    this.api = api.api;
    const headers = this.#responseHeaders(settings, [this.users.origin, ...storage.origins]);
    const distribution = this.#distribution(settings, headers);
    this.url = `https://${distribution.distributionDomainName}/`;
    storage.allowSignedRequests(`https://${distribution.distributionDomainName}`);
    this.signIn = this.users.addClient(this.url);
    api.addRoutes(this.signIn);
  }

  #filesBucket(settings: Settings): Bucket {
    const bucket = new Bucket(this, 'Files', {
      bucketName: bucketName(this, settings, 'console'),
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      // CloudFormation removes no bucket with objects; graft destroy does.
      removalPolicy: bucketRemoval(this),
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'It contains the files of the page alone, which are the same for everyone and public on npm.',
    });
    return bucket;
  }

  #responseHeaders({ name }: Settings, origins: readonly string[]): ResponseHeadersPolicy {
    const { 'x-content-type-options': _, 'referrer-policy': __, ...custom } = CONSOLE_HEADERS;
    const override = true;
    return new ResponseHeadersPolicy(this, 'Headers', {
      // Names of policies are those of the account, in all regions.
      responseHeadersPolicyName: `${name}-console-${Stack.of(this).region}`,
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy: consolePolicy(origins), override },
        contentTypeOptions: { override },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override },
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override },
      },
      customHeadersBehavior: {
        customHeaders: Object.entries(custom).map(([header, value]) => ({ header, value, override })),
      },
    });
  }

  #distribution({ name }: Settings, responseHeadersPolicy: ResponseHeadersPolicy): Distribution {
    const { region, urlSuffix } = Stack.of(this);
    const originAccessControl = new S3OriginAccessControl(this, 'Access', {
      originAccessControlName: `${name}-console-${region}`,
    });
    // CDK's own class and interface differ in an optional member, by the option exactOptionalPropertyTypes.
    const files = this.bucket as IBucket;
    const distribution = new Distribution(this, 'Distribution', {
      comment: `The console of ${name} in ${region}`,
      defaultRootObject: 'index.html',
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: {
        origin: S3BucketOrigin.withOriginAccessControl(files, { originAccessControl }),
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        responseHeadersPolicy,
      },
      additionalBehaviors: {
        '/v1/*': {
          origin: new HttpOrigin(`${this.api.apiId}.execute-api.${region}.${urlSuffix}`, {
            protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
            originSslProtocols: [OriginSslPolicy.TLS_V1_2],
          }),
          allowedMethods: AllowedMethods.ALLOW_ALL,
          // A token sent in the clear is not to be used again, so there is no redirect.
          viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          // With it, CloudFront passes the header Authorization on. API Gateway needs its own host name.
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
          responseHeadersPolicy,
        },
      },
    });
    Validations.of(distribution).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: 'Users sign in from wherever they are.' },
      {
        id: 'AwsSolutions-CFR2',
        reason: 'A web ACL costs 5 USD per month. The API has a throttle and an authorizer, and the files are static.',
      },
      { id: 'AwsSolutions-CFR3', reason: 'The access log of the API has each request for data; the files contain none.' },
      {
        id: 'AwsSolutions-CFR4',
        reason: 'CloudFront sets the oldest TLS for its own host names; browsers use the newest, and HSTS forbids HTTP.',
      },
    );
    return distribution;
  }
}
