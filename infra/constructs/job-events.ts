import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { batchNames, type Settings } from '../settings.ts';

export interface JobEventsProps {
  readonly settings: Settings;
  readonly track: LambdaFunction;
}

/** The events that start the tracking function: the end of a job in our Batch queue, and the clock. */
export class JobEvents extends Construct {
  constructor(scope: Construct, id: string, { settings, track }: JobEventsProps) {
    super(scope, id);
    const queue = Stack.of(this).formatArn({
      service: 'batch',
      resource: 'job-queue',
      resourceName: batchNames(settings).queue,
    });
    new Rule(this, 'BatchJobEnded', {
      description: 'Jobs of the GPU queue that have ended.',
      eventPattern: {
        source: ['aws.batch'],
        detailType: ['Batch Job State Change'],
        detail: { jobQueue: [queue], status: ['SUCCEEDED', 'FAILED'] },
      },
      targets: [new FunctionTarget(track)],
    });
    new Rule(this, 'Reconcile', {
      description: 'Calls the tracker, which finds unfinished jobs without a worker.',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new FunctionTarget(track, { retryAttempts: 0 })],
    });
  }
}
