import { fileURLToPath } from 'node:url';
import { Duration, RemovalPolicy, Size, Stack, Validations } from 'aws-cdk-lib';
import { Action, EcsEc2ContainerDefinition, EcsJobDefinition, EcsVolume, Reason, RetryStrategy } from 'aws-cdk-lib/aws-batch';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage, LogDriver } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { objectAccess } from '../object-access.ts';
import { batchNames, type Settings, VCPUS_OF_A_JOB } from '../settings.ts';
import { commonEnvironment } from './functions.ts';
import { CUDA_CACHE_ON_HOST } from './gpu-machines.ts';
import { explainWildcards, grantObjects, grantSend, grantSourceRead, policyOf } from './grants.ts';
import type { Queues } from './queues.ts';
import type { Storage } from './storage.ts';

export interface TrainingJobProps {
  readonly settings: Settings;
  readonly storage: Storage;
  readonly queues: Queues;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The job definition of AWS Batch: the training image on one GPU, where only its volumes are writable. */
export class TrainingJob extends Construct {
  readonly definition: EcsJobDefinition;

  constructor(scope: Construct, id: string, props: TrainingJobProps) {
    super(scope, id);
    this.definition = new EcsJobDefinition(this, 'Definition', {
      jobDefinitionName: batchNames(props.settings).jobDefinition,
      container: this.#container(props),
      // The job's own limit overrides it; this one stops a job without a limit.
      timeout: Duration.hours(24),
      // Batch retries only an attempt whose machine Spot took back; the job's record decides about all others.
      retryAttempts: 3,
      retryStrategies: [
        RetryStrategy.of(Action.RETRY, Reason.SPOT_INSTANCE_RECLAIMED),
        RetryStrategy.of(Action.EXIT, Reason.custom({ onReason: '*' })),
      ],
      propagateTags: true,
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason: 'ecr:GetAuthorizationToken has no resource; CDK grants it to whoever pulls the image.',
    });
  }

  #container({ settings, storage, queues }: TrainingJobProps): EcsEc2ContainerDefinition {
    const image = new DockerImageAsset(this, 'Image', {
      directory: repository,
      file: 'infra/images/train/Dockerfile',
      platform: Platform.LINUX_AMD64,
    });
    const logGroup = new LogGroup(this, 'Log', { retention: settings.logDays, removalPolicy: RemovalPolicy.DESTROY });
    const grants = [
      ...grantObjects(objectAccess('train'), storage),
      grantSend(queues.trainings.queue, queues.webhooks.queue),
      ...grantSourceRead(settings, Stack.of(this)),
    ];
    const jobRole = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
      inlinePolicies: { work: policyOf(grants) },
    });
    explainWildcards(jobRole, grants, Stack.of(this));
    return new EcsEc2ContainerDefinition(this, 'Container', {
      image: ContainerImage.fromDockerImageAsset(image),
      // All of an xlarge machine except the share of its agent.
      cpu: VCPUS_OF_A_JOB,
      memory: Size.gibibytes(14),
      gpu: 1,
      jobRole,
      readonlyRootFilesystem: true,
      volumes: [
        EcsVolume.host({ name: 'cuda', containerPath: '/var/cache/cuda', hostPath: CUDA_CACHE_ON_HOST }),
        EcsVolume.host({ name: 'data', containerPath: '/var/lib/graft' }),
        EcsVolume.host({ name: 'tmp', containerPath: '/tmp' }),
      ],
      environment: {
        ...commonEnvironment(settings, storage, queues),
        AWS_REGION: Stack.of(this).region,
        GRAFT_TENSORFLOW: 'gpu',
        GRAFT_DATA_DIR: '/var/lib/graft',
        CUDA_CACHE_PATH: '/var/cache/cuda',
      },
      logging: LogDriver.awsLogs({ streamPrefix: 'train', logGroup }),
    });
  }
}
