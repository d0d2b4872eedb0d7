/** Permissions of roles, written by hand: `grantRead` and similar methods also grant `s3:List*` and more. */
import { type Stack, Token, Validations } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { Access, ObjectAccess } from '../object-access.ts';
import type { Settings } from '../settings.ts';
import type { Storage } from './storage.ts';

/** A policy statement, with the reason for its wildcard if it has one. */
export interface Grant {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly why?: string;
}

export function grantObjects({ data, models }: ObjectAccess, storage: Storage): Grant[] {
  return [...inBucket(data, storage.dataBucketArn), ...inBucket(models, storage.modelBucketArn)];
}

function inBucket(access: Access, bucketArn: string): Grant[] {
  const objects = [
    { actions: ['s3:GetObject'], prefixes: access.read },
    // A large object is written in parts, which are removed if one of them fails.
    { actions: ['s3:PutObject', 's3:AbortMultipartUpload'], prefixes: access.write },
    { actions: ['s3:DeleteObject'], prefixes: access.delete },
  ].flatMap(({ actions, prefixes }) =>
    prefixes.length === 0
      ? []
      : [
          {
            actions,
            resources: prefixes.map((prefix) => `${bucketArn}/${prefix}*`),
            why: 'Objects of one kind: their keys are ids and hashes. lib/store/store-keys.ts says which function needs which.',
          },
        ],
  );
  if (objects.length === 0) return [];
  // Listing names is allowed: without it S3 answers 403 for a missing object, which then looks like a forbidden one.
  return [{ actions: ['s3:ListBucket'], resources: [bucketArn] }, ...objects];
}

/** Reading external images: names and bytes of the buckets that the deployment names; never writing. */
export function grantSourceRead({ sourceBuckets }: Pick<Settings, 'sourceBuckets'>, { partition }: Stack): Grant[] {
  return sourceBuckets.flatMap(({ bucket, prefix }) => {
    const arn = `arn:${partition}:s3:::${bucket}`;
    const below = { StringLike: { 's3:prefix': [`${prefix}*`] } };
    return [
      { actions: ['s3:ListBucket'], resources: [arn], ...(prefix !== '' && { conditions: below }) },
      {
        actions: ['s3:GetObject', 's3:GetObjectVersion'],
        resources: [`${arn}/${prefix}*`],
        why: 'Buckets that the setting sourceBuckets names: external images of data sets stay there.',
      },
    ];
  });
}

export function grantSend(...queues: readonly Queue[]): Grant {
  return { actions: ['sqs:SendMessage'], resources: queues.map(({ queueArn }) => queueArn) };
}

/** What Lambda's poller needs on behalf of the function that processes the queue. */
export function grantConsume({ queueArn }: Queue): Grant {
  const actions = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'];
  return { actions, resources: [queueArn] };
}

/** Reading a queue's dead-letter queue and its number of attempts. */
export function grantInspect({ queueArn }: Queue): Grant {
  return { actions: ['sqs:GetQueueAttributes'], resources: [queueArn] };
}

export function grantSecretRead({ secretArn }: { readonly secretArn: string }): Grant {
  return { actions: ['secretsmanager:GetSecretValue'], resources: [secretArn] };
}

export function grantSubmitJobs(stack: Stack, { queue, jobDefinition }: { queue: string; jobDefinition: string }): Grant {
  const arn = (resource: string, resourceName: string) => stack.formatArn({ service: 'batch', resource, resourceName });
  return {
    actions: ['batch:SubmitJob'],
    resources: [arn('job-queue', queue), arn('job-definition', jobDefinition), arn('job-definition', `${jobDefinition}:*`)],
    why: 'Any revision of one job definition: each deployment makes a new one.',
  };
}

export function grantTerminateJobs(stack: Stack): Grant {
  return {
    actions: ['batch:TerminateJob'],
    resources: [stack.formatArn({ service: 'batch', resource: 'job', resourceName: '*' })],
    why: 'Batch names jobs at random, and this action knows no condition on their queue.',
  };
}

export function grantDescribeJobs(): Grant {
  return { actions: ['batch:DescribeJobs'], resources: ['*'], why: 'Batch lets nobody narrow this action.' };
}

/** X-Ray, as CDK grants it with active tracing. */
export const tracing: Grant = {
  actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  resources: ['*'],
  why: 'X-Ray has no resources.',
};

export function policyOf(grants: readonly Grant[]): PolicyDocument {
  const statements = grants.map(
    ({ actions, resources, conditions }) =>
      new PolicyStatement({ actions: [...actions], resources: [...resources], ...(conditions && { conditions }) }),
  );
  return new PolicyDocument({ statements });
}

/** Gives cdk-nag the reason for each wildcard; it fails for a wildcard without a reason. */
export function explainWildcards(scope: Construct, grants: readonly Grant[], stack: Stack): void {
  for (const { resources, why: reason } of grants) {
    if (reason === undefined) continue;
    for (const resource of resources.filter((arn) => arn.endsWith('*')))
      Validations.of(scope).acknowledge({ id: `AwsSolutions-IAM5[Resource::${asNagWritesIt(resource, stack)}]`, reason });
  }
}

/** `arn:<AWS::Partition>:s3:::name/*` */
function asNagWritesIt(arn: string, stack: Stack): string {
  const resolved: unknown = stack.resolve(arn);
  if (!Token.isUnresolved(arn)) return arn;
  const { 'Fn::Join': [, parts] = ['', []] } = resolved as { 'Fn::Join'?: [string, (string | { Ref: string })[]] };
  return parts.map((part) => (typeof part === 'string' ? part : `<${part.Ref}>`)).join('');
}
