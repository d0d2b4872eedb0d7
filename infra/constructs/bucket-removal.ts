import { RemovalPolicy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Whether the deployment only takes up existing buckets: the first of two runs of `graft deploy`. */
export function importsBuckets(scope: Construct): boolean {
  return scope.node.tryGetContext('graft:import') !== undefined;
}

/**
 * What becomes of a bucket that its stack loses. It stays, but a bucket of a first deployment that fails is removed, so
 * that the next one does not find it.
 *
 * A run that imports buckets keeps them then, too. CloudFormation does not document whether RetainExceptOnCreate counts an
 * import as a creation. If it does, it tries to remove the imported buckets of a stack that it rolls back, and cannot,
 * because they have objects: the stack ends as ROLLBACK_FAILED, and does not count as new any more. With Retain, the next
 * deployment imports the buckets again, with those that the failed one created.
 */
export function bucketRemoval(scope: Construct): RemovalPolicy {
  return importsBuckets(scope) ? RemovalPolicy.RETAIN : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
}
