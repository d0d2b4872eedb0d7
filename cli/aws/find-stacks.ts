import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';

/** The named stacks that exist. Without permission to ask, a stack counts as existing. */
export async function findStacks(names: readonly string[], region: string): Promise<string[]> {
  const client = new CloudFormationClient({ region, maxAttempts: 2 });
  try {
    const found = await Promise.all(
      names.map((StackName) =>
        client.send(new DescribeStacksCommand({ StackName })).then(
          ({ Stacks = [] }) => Stacks.length > 0,
          (error: unknown) => !(error instanceof Error && /does not exist/i.test(error.message)),
        ),
      ),
    );
    return names.filter((_, at) => found[at]);
  } finally {
    client.destroy();
  }
}
