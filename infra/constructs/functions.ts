import { Duration, Size, Stack } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { START_EVENT_AGE_SECONDS, START_EVENT_RETRIES } from '../../lib/jobs/start-lease.ts';
import type { FunctionName } from '../../lib/store/key-kind.ts';
import { CALL_SECONDS } from '../../lib/store/parts/part-calls.ts';
import type { FunctionFolders } from '../bundles/bundle-functions.ts';
import { objectAccess } from '../object-access.ts';
import { batchNames, LARGEST_MEMORY, type Settings, VCPUS_OF_A_JOB } from '../settings.ts';
import {
  type Grant,
  grantConsume,
  grantDescribeJobs,
  grantInspect,
  grantObjects,
  grantSecretRead,
  grantSend,
  grantSourceRead,
  grantSubmitJobs,
  grantTerminateJobs,
} from './grants.ts';
import { NodeFunction, type NodeFunctionProps } from './node-function.ts';
import type { Queues } from './queues.ts';
import type { Storage } from './storage.ts';
import { WebhookKey } from './webhook-key.ts';
import type { WorkQueue } from './work-queue.ts';

export interface FunctionsProps {
  readonly settings: Settings;
  readonly folders: FunctionFolders;
  readonly storage: Storage;
  readonly queues: Queues;
}

/** The properties in which the functions differ. */
interface Part extends Pick<NodeFunctionProps, 'description' | 'memory' | 'timeout' | 'disk' | 'mayLoop'> {
  /** Permissions besides its objects. */
  readonly may?: readonly Grant[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** The Lambda functions, and the queues that they process. */
export class Functions extends Construct {
  readonly api: LambdaFunction;
  readonly predict: LambdaFunction;
  readonly importer: LambdaFunction;
  readonly dispatch: LambdaFunction;
  readonly track: LambdaFunction;
  readonly webhooks: LambdaFunction;
  readonly train: LambdaFunction;
  readonly extract: LambdaFunction;
  readonly #props: FunctionsProps;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.#props = props;
    const { settings, queues } = props;
    const stack = Stack.of(this);
    const batch = batchNames(settings);
    const webhookKey = new WebhookKey(this, 'WebhookKey');
    const queueOf = ({ queue }: WorkQueue) => queue;
    const started = [queues.imports, queues.trainings, queues.webhooks];

    this.train = this.#add('train', {
      description: 'Runs small trainings.',
      memory: settings.trainingMemory,
      timeout: Duration.minutes(15),
      // The most that Lambda gives: large features are in temporary files (featureFileBytes of lib/estimates).
      disk: Size.gibibytes(10),
      // A training that reaches the end of the function's time is sent to the dispatcher, which starts it again.
      mayLoop: true,
      may: [grantSend(...[queues.trainings, queues.webhooks].map(queueOf)), ...grantSourceRead(settings, stack)],
    });
    // The job replaces and counts lost attempts, so Lambda must not start the same attempt again.
    this.train.configureAsyncInvoke({
      retryAttempts: START_EVENT_RETRIES,
      maxEventAge: Duration.seconds(START_EVENT_AGE_SECONDS),
    });

    this.api = this.#add('api', {
      description: 'Every route of the API but predictions.',
      memory: 1024,
      timeout: Duration.seconds(29),
      may: [grantSend(...started.map(queueOf)), grantTerminateJobs(stack)],
    });
    this.predict = this.#add('predict', {
      description: 'Predicts images with a model.',
      // A core and a half: a model of the size of MobileNet predicts in tens of milliseconds.
      memory: 3008,
      timeout: Duration.seconds(29),
    });
    this.importer = this.#add('import', {
      description: 'Checks all images of an upload, writes a version of the data set, and removes unreferenced objects.',
      memory: 3008,
      timeout: Duration.minutes(15),
      mayLoop: true,
      may: [
        grantConsume(queues.imports.queue),
        // An unfinished import sends itself another message; a large one sends its parts to other functions.
        grantSend(...[queues.imports, queues.extractions].map(queueOf)),
        ...grantSourceRead(settings, stack),
      ],
    });
    this.dispatch = this.#add('dispatch', {
      description: 'Starts the compute of one job: the training function or a job of AWS Batch.',
      memory: 512,
      timeout: Duration.seconds(30),
      // A job that finds no free function, or whose start fails, is sent again.
      mayLoop: true,
      may: [
        grantConsume(queues.trainings.queue),
        grantSend(...[queues.trainings, queues.webhooks, queues.extractions].map(queueOf)),
        { actions: ['lambda:InvokeFunction'], resources: [this.train.functionArn] },
        grantSubmitJobs(stack, batch),
        // An array job whose training could not be submitted, and a job that was cancelled while it was submitted.
        grantTerminateJobs(stack),
      ],
      environment: { GRAFT_MAX_TRAININGS: `${settings.maxTrainings}` },
    });
    this.track = this.#add('track', {
      description: 'Records ended AWS Batch jobs, and finds unfinished jobs without a worker.',
      memory: 512,
      timeout: Duration.minutes(1),
      // It fails imports and jobs whose messages are dead letters, ends attempts whose parts are or sends their next
      // parts, and starts a garbage collection once a day.
      may: [
        grantSend(...[...started, queues.extractions].map(queueOf)),
        grantDescribeJobs(),
        // A job whose worker hangs.
        grantTerminateJobs(stack),
        ...[queues.imports, queues.trainings, queues.extractions].flatMap(({ queue, deadLetters }) => [
          grantInspect(queue),
          grantConsume(deadLetters),
        ]),
      ],
    });
    this.webhooks = this.#add('webhooks', {
      description: 'Sends the webhooks of ended jobs.',
      memory: 512,
      timeout: Duration.seconds(30),
      may: [grantConsume(queues.webhooks.queue), grantSecretRead(webhookKey)],
      environment: { GRAFT_WEBHOOK_SECRET_ARN: webhookKey.secretArn },
    });

    this.extract = this.#add('extract', {
      description:
        'Shares large work: extracts features before a machine trains, and checks images of an import, a part at a time.',
      memory: settings.trainingMemory,
      timeout: Duration.seconds(CALL_SECONDS),
      mayLoop: true,
      may: [
        grantConsume(queues.extractions.queue),
        // It sends the parts, and unfinished ones again; an import or a job that it ends or continues goes to the others.
        grantSend(...[...started, queues.extractions].map(queueOf)),
        ...grantSourceRead(settings, stack),
      ],
    });

    this.#work(this.importer, queues.imports);
    this.#work(this.dispatch, queues.trainings);
    this.#work(this.webhooks, queues.webhooks);
    this.#work(this.extract, queues.extractions, settings.maxExtractions);
  }

  get all(): readonly LambdaFunction[] {
    return [this.api, this.predict, this.importer, this.dispatch, this.track, this.webhooks, this.train, this.extract];
  }

  #add(name: FunctionName, { may = [], environment, ...part }: Part): LambdaFunction {
    const { settings, folders, storage, queues } = this.#props;
    return new NodeFunction(this, name.charAt(0).toUpperCase() + name.slice(1), {
      ...part,
      folder: folders[name],
      logRetention: settings.logDays,
      grants: [...grantObjects(objectAccess(name), storage), ...may],
      environment: { ...commonEnvironment(settings, storage, queues), ...this.#trainer(name), ...environment },
    }).function;
  }

  /** Its own name as a reference would make the training function depend on itself. */
  #trainer(name: FunctionName): Record<string, string> {
    return name === 'train' ? {} : { GRAFT_TRAINING_FUNCTION: this.train.functionName };
  }

  /** One message at a time, so that a failed message does not affect others. */
  #work(handler: LambdaFunction, { queue }: WorkQueue, maxConcurrency = 5): void {
    const source = new SqsEventSource(queue, { batchSize: 1, reportBatchItemFailures: true, maxConcurrency });
    handler.addEventSource(source);
  }
}

/** The environment by which the parts of a deployment find each other; the container gets the same. */
export function commonEnvironment(
  settings: Settings,
  { dataBucket, modelBucket }: Storage,
  { imports, trainings, webhooks, extractions }: Queues,
): Record<string, string> {
  const { queue, jobDefinition } = batchNames(settings);
  return {
    GRAFT_DATA_BUCKET: dataBucket.bucketName,
    GRAFT_MODEL_BUCKET: modelBucket.bucketName,
    GRAFT_IMPORT_QUEUE_URL: imports.queue.queueUrl,
    GRAFT_TRAINING_QUEUE_URL: trainings.queue.queueUrl,
    GRAFT_WEBHOOK_QUEUE_URL: webhooks.queue.queueUrl,
    GRAFT_EXTRACTION_QUEUE_URL: extractions.queue.queueUrl,
    // A job that a smaller function could not hold, or not do within its time, is refused or goes to a GPU.
    GRAFT_TRAINING_MEMORY: `${settings.trainingMemory}`,
    // Estimates of an extraction reckon with functions of the largest size; smaller ones might not store a shard within their time.
    ...(settings.trainingMemory === LARGEST_MEMORY && { GRAFT_EXTRACTION_FUNCTIONS: `${settings.maxExtractions}` }),
    // If these are set, jobs that need a GPU are accepted.
    ...(settings.sourceBuckets.length > 0 && { GRAFT_SOURCE_BUCKETS: namesOf(settings) }),
    ...(settings.gpu && {
      GRAFT_BATCH_QUEUE: queue,
      GRAFT_BATCH_JOB_DEFINITION: jobDefinition,
      GRAFT_GPU_INSTANCES: settings.gpuInstances.join(),
      GRAFT_GPU_MACHINES: `${Math.max(1, Math.floor(settings.gpuMaxVcpus / VCPUS_OF_A_JOB))}`,
    }),
  };
}

function namesOf({ sourceBuckets }: Settings): string {
  return sourceBuckets.map(({ bucket, prefix }) => (prefix === '' ? bucket : `${bucket}/${prefix}`)).join();
}
