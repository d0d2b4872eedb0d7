import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from '../settings.ts';

/**
 * The name of a bucket of a deployment. CloudFormation takes up an existing bucket only if the template has the name as
 * text, without references, so `graft deploy` puts the account and the region into the context. (A stack with `env`
 * would know them too, but then CDK asks AWS for the zones of its network.) Without them, the name refers to both.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
 */
export function bucketName(scope: Construct, { name }: Pick<Settings, 'name'>, kind: 'data' | 'models' | 'console'): string {
  const { account, region } = Stack.of(scope);
  const [inAccount, inRegion] = ['graft:account', 'graft:region'].map((key) => scope.node.tryGetContext(key));
  return `${name}-${kind}-${inAccount ?? account}-${inRegion ?? region}`;
}
