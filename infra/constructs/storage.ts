import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, type BucketProps, HttpMethods } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { retentionRules } from '../../lib/store/retention.ts';
import type { Settings } from '../settings.ts';
import { bucketName } from './bucket-name.ts';
import { bucketRemoval, importsBuckets } from './bucket-removal.ts';

const UPLOAD_HEADERS = ['content-type', 'x-amz-*', 'if-none-match'];

export type StorageProps = Pick<Settings, 'name' | 'origins' | 'featureDays'>;

/** The properties of a bucket that depend on the settings and the version of Graft. */
type Rules = Pick<BucketProps, 'cors' | 'lifecycleRules'>;

/**
 * Two buckets: the data bucket for images and derived data, the model bucket for models. Both outlive the stack, and
 * have fixed names by which a later deployment finds them.
 */
export class Storage extends Construct {
  readonly dataBucket: Bucket;
  readonly modelBucket: Bucket;
  /** By name, so that policies of another stack do not depend on this one. */
  readonly dataBucketArn: string;
  readonly modelBucketArn: string;
  /** Origins of signed requests, by name. */
  readonly origins: readonly string[];
  /**
   * Whether the deployment only takes up existing buckets. CloudFormation does not change what it imports, and later
   * sees only changes of the template. So the template has no rules now, and the next deployment adds them.
   */
  readonly #imports: boolean;

  constructor(scope: Construct, id: string, { name, origins, featureDays }: StorageProps) {
    super(scope, id);
    const { region, partition, urlSuffix } = Stack.of(this);
    this.#imports = importsBuckets(this);
    const names = { data: bucketName(this, { name }, 'data'), models: bucketName(this, { name }, 'models') };
    this.dataBucketArn = `arn:${partition}:s3:::${names.data}`;
    this.modelBucketArn = `arn:${partition}:s3:::${names.models}`;
    this.origins = [names.data, names.models].map((bucket) => `https://${bucket}.s3.${region}.${urlSuffix}`);
    this.dataBucket = this.#bucket('Data', names.data, {
      lifecycleRules: [
        ...retentionRules({ featureDays }).map(({ name: id, prefix, days }) => ({ id, prefix, expiration: Duration.days(days) })),
        { id: 'broken-multipart-uploads', abortIncompleteMultipartUploadAfter: Duration.days(2) },
      ],
      cors: [
        {
          allowedMethods: [HttpMethods.PUT],
          allowedOrigins: [...origins],
          allowedHeaders: [...UPLOAD_HEADERS],
          maxAge: 3600,
        },
      ],
    });
    const lifecycleRules = [
      { id: 'replaced-versions', noncurrentVersionExpiration: Duration.days(90), expiredObjectDeleteMarker: true },
      { id: 'broken-multipart-uploads', abortIncompleteMultipartUploadAfter: Duration.days(2) },
    ];
    this.modelBucket = this.#bucket('Models', names.models, { lifecycleRules }, { versioned: true });
  }

  /**
   * Lets the pages of an origin use signed requests: uploads, and downloads of images and models. A signed request has
   * all rights in itself, so the rule gives none to a page without one.
   */
  allowSignedRequests(origin: string): void {
    if (this.#imports) return;
    const rule = { allowedOrigins: [origin], maxAge: 3600 };
    this.dataBucket.addCorsRule({
      ...rule,
      allowedMethods: [HttpMethods.GET, HttpMethods.PUT],
      allowedHeaders: [...UPLOAD_HEADERS],
    });
    this.modelBucket.addCorsRule({ ...rule, allowedMethods: [HttpMethods.GET] });
  }

  #bucket(id: string, bucketName: string, rules: Rules, props: BucketProps = {}): Bucket {
    const bucket = new Bucket(this, id, {
      bucketName,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      removalPolicy: bucketRemoval(this),
      ...(!this.#imports && rules),
      ...props,
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Server access logs would cost as many writes as reads; only the functions of this stack reach the bucket, and ' +
        'they log ' +
        'what they do. Who needs an audit turns on CloudTrail data events.',
    });
    return bucket;
  }
}
