import { Duration, Size, Validations } from 'aws-cdk-lib';
import {
  AllocationStrategy,
  EcsMachineImageType,
  JobQueue,
  JobStateTimeLimitActionsReason,
  ManagedEc2EcsComputeEnvironment,
} from 'aws-cdk-lib/aws-batch';
import {
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  InstanceType,
  LaunchTemplate,
  MultipartBody,
  MultipartUserData,
  SecurityGroup,
  UserData,
} from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { batchNames, type Settings } from '../settings.ts';
import type { Network } from './network.ts';

export interface GpuMachinesProps {
  readonly settings: Settings;
  readonly network: Network;
}

/** The folder on the machine in which CUDA caches compiled code for all jobs. */
export const CUDA_CACHE_ON_HOST = '/var/cache/graft-cuda';

/**
 * The queue of AWS Batch and its machines: none while no job runs; Spot first, On-Demand if there is no Spot capacity or
 * Spot has reached its limit. AWS Batch has a limit for each of the two, and none for both together.
 */
export class GpuMachines extends Construct {
  readonly queue: JobQueue;
  readonly #settings: Settings;
  readonly #network: Network;

  constructor(scope: Construct, id: string, { settings, network }: GpuMachinesProps) {
    super(scope, id);
    this.#settings = settings;
    this.#network = network;
    const launchTemplate = this.#launchTemplate();
    const group = new SecurityGroup(this, 'Group', {
      vpc: network.vpc,
      description: 'Training machines: nothing comes in.',
    });
    const machines = (name: string, spot: boolean) => this.#machines(name, spot, launchTemplate, group);
    this.queue = new JobQueue(this, 'Queue', {
      jobQueueName: batchNames(settings).queue,
      computeEnvironments: [
        { computeEnvironment: machines('Spot', true), order: 1 },
        { computeEnvironment: machines('OnDemand', false), order: 2 },
      ],
      // A job that no machine can run fails instead of waiting forever. One without capacity lets the jobs behind it
      // try; its record starts another attempt later.
      jobStateTimeLimitActions: [
        { reason: JobStateTimeLimitActionsReason.COMPUTE_ENVIRONMENT_MAX_RESOURCE, maxTime: Duration.minutes(10) },
        { reason: JobStateTimeLimitActionsReason.JOB_RESOURCE_REQUIREMENT, maxTime: Duration.minutes(10) },
        { reason: JobStateTimeLimitActionsReason.INSUFFICIENT_INSTANCE_CAPACITY, maxTime: Duration.hours(1) },
      ],
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role]',
      reason: 'AmazonEC2ContainerServiceforEC2Role is what the agent on an ECS machine needs; AWS keeps it up to date.',
    });
  }

  #machines(name: string, spot: boolean, launchTemplate: LaunchTemplate, group: SecurityGroup): ManagedEc2EcsComputeEnvironment {
    const { gpuInstances, gpuMaxVcpus } = this.#settings;
    return new ManagedEc2EcsComputeEnvironment(this, name, {
      vpc: this.#network.vpc,
      vpcSubnets: { subnets: this.#network.vpc.publicSubnets },
      securityGroups: [group],
      spot,
      allocationStrategy: spot ? AllocationStrategy.SPOT_PRICE_CAPACITY_OPTIMIZED : AllocationStrategy.BEST_FIT_PROGRESSIVE,
      instanceTypes: gpuInstances.map((type) => new InstanceType(type)),
      useOptimalInstanceClasses: false,
      images: [{ imageType: EcsMachineImageType.ECS_AL2023_NVIDIA }],
      minvCpus: 0,
      maxvCpus: gpuMaxVcpus,
      launchTemplate,
    });
  }

  #launchTemplate(): LaunchTemplate {
    const prepare = UserData.forLinux();
    // The image's user owns its cache.
    prepare.addCommands(`mkdir -p ${CUDA_CACHE_ON_HOST}`, `chown 1000:1000 ${CUDA_CACHE_ON_HOST}`);
    const userData = new MultipartUserData();
    userData.addPart(MultipartBody.fromUserData(prepare));
    return new LaunchTemplate(this, 'Machine', {
      requireImdsv2: true,
      // A container is one hop further away, so it gets the credentials of its role from ECS, and none of the
      // machine's.
      httpPutResponseHopLimit: 1,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: BlockDeviceVolume.ebs(Size.gibibytes(100).toGibibytes(), {
            encrypted: true,
            volumeType: EbsDeviceVolumeType.GP3,
            deleteOnTermination: true,
          }),
        },
      ],
      userData,
    });
  }
}
