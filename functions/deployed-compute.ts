import { openAwsCompute } from '../lib/aws/aws-compute.ts';
import { readAttemptNeeds } from '../lib/jobs/attempt-needs.ts';
import { openExtractionCompute } from '../lib/jobs/extraction/extraction-compute.ts';
import { MAX_TRAININGS, maxTrainings } from '../lib/jobs/max-trainings.ts';
import type { Compute, World } from '../lib/ports.ts';

/**
 * The compute of a deployment: lib/jobs decides what an attempt needs, lib/aws starts it.
 * @throws UsageError ENVIRONMENT_INCOMPLETE, MAX_TRAININGS_INVALID
 */
export function openDeployedCompute(environment: NodeJS.ProcessEnv, world: World): Compute {
  return openAwsCompute(environment, {
    needsOf: (attempt) => readAttemptNeeds(attempt, world),
    mostInLambda: () => maxTrainings(environment, MAX_TRAININGS),
    functions: world.queues.extractions && openExtractionCompute(world),
  });
}
