import { CfnOutput, type Stack } from 'aws-cdk-lib';
import type { ConsoleSite } from './console-site.ts';

/** What `graft deploy` needs to publish the console, and an administrator to create users, as outputs of the stack. */
export function addConsoleOutputs(stack: Stack, { url, bucket, users, signIn }: ConsoleSite): void {
  new CfnOutput(stack, 'ConsoleUrl', { value: url });
  new CfnOutput(stack, 'ConsoleBucket', { value: bucket.bucketName });
  new CfnOutput(stack, 'ConsoleUserPool', { value: users.pool.userPoolId });
  new CfnOutput(stack, 'ConsoleSignIn', { value: stack.toJsonString(signIn) });
}
