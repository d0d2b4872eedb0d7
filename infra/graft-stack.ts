import { CfnOutput, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { FunctionFolders } from './bundles/bundle-functions.ts';
import { Api } from './constructs/api.ts';
import { Budget } from './constructs/budget.ts';
import { addConsoleOutputs } from './constructs/console-outputs.ts';
import { ConsoleSite } from './constructs/console-site.ts';
import { Functions } from './constructs/functions.ts';
import { JobEvents } from './constructs/job-events.ts';
import { Observability } from './constructs/observability.ts';
import { Queues } from './constructs/queues.ts';
import { Storage } from './constructs/storage.ts';
import { addStorageOutputs } from './constructs/storage-outputs.ts';
import { type Settings, stackTags } from './settings.ts';

export interface GraftStackProps extends StackProps {
  readonly settings: Settings;
  readonly folders: FunctionFolders;
}

/** All of Graft except the GPU machines: it trains small jobs and serves models without them. */
export class GraftStack extends Stack {
  readonly storage: Storage;
  readonly queues: Queues;

  constructor(scope: Construct, id: string, { settings, folders, ...props }: GraftStackProps) {
    super(scope, id, { description: 'Graft: serverless transfer learning.', tags: stackTags(settings), ...props });
    Tags.of(this).add('graft', settings.name);
    const storage = new Storage(this, 'Storage', settings);
    const queues = new Queues(this, 'Queues');
    const functions = new Functions(this, 'Functions', { settings, folders, storage, queues });
    const api = new Api(this, 'Api', { settings, functions });
    new JobEvents(this, 'JobEvents', { settings, track: functions.track });
    const site = settings.consoleSite ? new ConsoleSite(this, 'Console', { settings, functions, storage }) : undefined;
    new Observability(this, 'Observability', { settings, api, consoleApi: site?.api, functions, queues });
    const { monthlyBudget: monthly, alertEmail: email, name } = settings;
    if (monthly !== undefined && email !== undefined) new Budget(this, 'Budget', { name, monthly, email });

    this.storage = storage;
    this.queues = queues;
    new CfnOutput(this, 'ApiUrl', { value: api.url });
    // graft doctor compares it with the limit of the account.
    new CfnOutput(this, 'MaxExtractions', { value: `${settings.maxExtractions}` });
    addStorageOutputs(this, storage, queues);
    this.#exportForGpus();
    if (site !== undefined) addConsoleOutputs(this, site);
  }
  /**
   * Exports what the GPU stack imports, also in an app without it: that stack may still be there from an earlier
   * deployment, and CloudFormation removes no export that is in use.
   */
  #exportForGpus(): void {
    const { dataBucket, modelBucket } = this.storage;
    for (const bucket of [dataBucket, modelBucket]) this.exportValue(bucket.bucketName);
    for (const { queue } of this.queues.all) this.exportValue(queue.queueUrl);
    for (const { queue } of [this.queues.trainings, this.queues.webhooks]) this.exportValue(queue.queueArn);
  }
}
