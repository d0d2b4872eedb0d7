import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';

/** Functions that imports, trainings and the API may need besides those that extract features. */
const OTHER_FUNCTIONS = 20;
/** The largest `maxExtractions` that a deployment accepts. */
const MOST_EXTRACTIONS = 1000;
/** Fewer functions than this hardly speed an extraction up. */
export const FEW_FUNCTIONS = 50;

/** The most functions that an account runs at once in a region; 10 in some new accounts. */
export async function lambdaConcurrency(region: string): Promise<number> {
  const lambda = new LambdaClient({ region, maxAttempts: 2 });
  try {
    const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
    return AccountLimit?.ConcurrentExecutions ?? 0;
  } finally {
    lambda.destroy();
  }
}

/** The largest `maxExtractions` that leaves enough for everything else. @param most functions at once */
export function mostExtractions(most: number): number {
  return Math.min(MOST_EXTRACTIONS, most - OTHER_FUNCTIONS);
}

/** The command that requests a larger limit from AWS. */
export function requestLambdaConcurrency(region: string): string {
  return (
    `aws service-quotas request-service-quota-increase --region ${region} --service-code lambda --quota-code L-B99A9384 ` +
    '--desired-value 1000'
  );
}
