import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

/** The named stacks that exist. Without permission to ask, a stack counts as existing. */
export async function findStacks(names: readonly string[], region: string): Promise<string[]> {
  const client = new CloudFormationClient({ region, maxAttempts: 2 });
  try {
    const found = await Promise.all(
      names.map((StackName) =>
        client.send(new DescribeStacksCommand({ StackName })).then(
          ({ Stacks = [] }) => Stacks.length > 0,
          (error: unknown) => !isMissing(error),
        ),
      ),
    );
    return names.filter((_, at) => found[at]);
  } finally {
    client.destroy();
  }
}

/**
 * Whether a stack was deployed at least once, so that its resources belong to it.
 * @returns undefined if AWS does not say, such as without permission
 */
export async function isDeployed(name: string, region: string): Promise<boolean | undefined> {
  const client = new CloudFormationClient({ region, maxAttempts: 2 });
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    // The states of a stack whose first deployment failed, or has not begun; CDK creates it again.
    return stack !== undefined && !/^(?:REVIEW_IN_PROGRESS|ROLLBACK_COMPLETE)$/.test(stack.StackStatus ?? '');
  } catch (error) {
    return isMissing(error) ? false : undefined;
  } finally {
    client.destroy();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && /does not exist/i.test(error.message);
}
