import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CALL_SECONDS } from '../../lib/store/parts/part-calls.ts';
import { WorkQueue } from './work-queue.ts';

/**
 * One queue for each kind of work, so that no kind waits for another. While the account has no free function, a delivery
 * counts although no function sees the message. So a message is delivered for an hour or more. That of a training not for
 * longer: meanwhile the tracker sends copies of it, in case it was lost.
 */
export class Queues extends Construct {
  readonly imports: WorkQueue;
  readonly trainings: WorkQueue;
  readonly webhooks: WorkQueue;
  readonly extractions: WorkQueue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // An import may use its function's whole quarter of an hour; if the function dies, a retry follows a minute later.
    this.imports = new WorkQueue(this, 'Imports', { of: 'imports', visibility: Duration.minutes(16), attempts: 4 });
    this.trainings = new WorkQueue(this, 'Trainings', { of: 'trainings', visibility: Duration.minutes(3), attempts: 20 });
    // Each delivery is a try, with longer and longer pauses.
    this.webhooks = new WorkQueue(this, 'Webhooks', { of: 'webhooks', visibility: Duration.minutes(3), attempts: 8 });
    this.extractions = new WorkQueue(this, 'Extractions', {
      of: 'extractions',
      visibility: Duration.seconds(CALL_SECONDS + 60),
      attempts: 30,
    });
  }

  get all(): readonly WorkQueue[] {
    return [this.imports, this.trainings, this.webhooks, this.extractions];
  }
}
