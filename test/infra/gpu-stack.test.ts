import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { statementsOf, synthStacks, withoutHashes } from '../support/aws/stacks.ts';

const stacks = synthStacks();
const gpu = stacks.gpu as Template;

test('cdk-nag finds nothing that is not explained', () => {
  expect(stacks.findings).toEqual([]);
});

test('the stack is as it was seen last', () => {
  expect(withoutHashes(gpu)).toMatchSnapshot();
});

test('the functions of the main stack know its queue, and how many machines it may run', () => {
  stacks.graft.hasResourceProperties('AWS::Lambda::Function', {
    Environment: {
      Variables: Match.objectLike({
        GRAFT_BATCH_QUEUE: 'graft-gpu',
        GRAFT_BATCH_JOB_DEFINITION: 'graft-train',
        GRAFT_GPU_INSTANCES: 'g6.xlarge,g5.xlarge,g4dn.xlarge',
        GRAFT_GPU_MACHINES: '4',
      }),
    },
  });
});

test('the main stack exports what it imports also in a deployment without GPUs, so that the stack may stay', () => {
  const { Outputs } = synthStacks({ gpu: false }).graft.toJSON();
  const exported = Object.values<{ Export?: { Name: string } }>(Outputs).flatMap(({ Export }) => (Export ? [Export.Name] : []));
  const imported = [...JSON.stringify(gpu.toJSON()).matchAll(/"Fn::ImportValue":"([^"]+)"/g)].map(([, name]) => name);
  expect(exported.sort()).toEqual([...new Set(imported)].sort());
});

describe('the network', () => {
  test('has no NAT gateway, and a way to S3 that costs nothing', () => {
    gpu.resourceCountIs('AWS::EC2::NatGateway', 0);
    gpu.hasResourceProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' });
  });

  test('lets nothing in', () => {
    gpu.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    gpu.allResourcesProperties('AWS::EC2::SecurityGroup', { SecurityGroupIngress: Match.absent() });
  });
});

describe('the machines', () => {
  test('are none while nothing runs, have GPUs, and ECS on Amazon Linux 2023', () => {
    gpu.resourceCountIs('AWS::Batch::ComputeEnvironment', 2);
    gpu.allResourcesProperties('AWS::Batch::ComputeEnvironment', {
      ComputeResources: Match.objectLike({
        MinvCpus: 0,
        Ec2Configuration: [{ ImageType: 'ECS_AL2023_NVIDIA' }],
        InstanceTypes: ['g6.xlarge', 'g5.xlarge', 'g4dn.xlarge'],
      }),
    });
  });

  test('are Spot first, then On-Demand', () => {
    const environments = gpu.findResources('AWS::Batch::ComputeEnvironment');
    const [queue] = Object.values(gpu.findResources('AWS::Batch::JobQueue'));
    const order = [...queue!.Properties.ComputeEnvironmentOrder].sort((a, b) => a.Order - b.Order);
    const types = order.map(
      ({ ComputeEnvironment }) => environments[ComputeEnvironment['Fn::GetAtt'][0]]?.Properties.ComputeResources.Type,
    );
    expect(types).toEqual(['SPOT', 'EC2']);
  });

  test('have the limit of vCPUs once on Spot and once On-Demand', () => {
    const limits = Object.values(gpu.findResources('AWS::Batch::ComputeEnvironment')).map(
      ({ Properties }) => Properties.ComputeResources.MaxvCpus,
    );
    expect(limits).toEqual([16, 16]);
  });

  test('want IMDSv2 and write to encrypted disks', () => {
    gpu.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        BlockDeviceMappings: [{ Ebs: { Encrypted: true, DeleteOnTermination: true } }],
      },
    });
  });
});

describe('the job', () => {
  const [definition] = Object.values(gpu.findResources('AWS::Batch::JobDefinition'));
  const { ContainerProperties, RetryStrategy, Timeout, JobDefinitionName } = definition!.Properties;

  test('has the name by which the main stack knows it, as has the queue', () => {
    expect(JobDefinitionName).toBe('graft-train');
    gpu.hasResourceProperties('AWS::Batch::JobQueue', { JobQueueName: 'graft-gpu' });
  });

  test('is tried again only where Spot took its machine back', () => {
    expect(RetryStrategy).toEqual({
      Attempts: 3,
      EvaluateOnExit: [
        { Action: 'RETRY', OnStatusReason: 'Host EC2*' },
        { Action: 'EXIT', OnReason: '*' },
      ],
    });
  });

  test('ends by itself', () => {
    expect(Timeout.AttemptDurationSeconds).toBeGreaterThan(0);
  });

  test('has one GPU, and can write nowhere but to its volumes', () => {
    expect(ContainerProperties.ResourceRequirements).toContainEqual({ Type: 'GPU', Value: '1' });
    expect(ContainerProperties.ReadonlyRootFilesystem).toBe(true);
    expect(ContainerProperties.Privileged).toBeUndefined();
    const paths = ContainerProperties.MountPoints.map(({ ContainerPath }: { ContainerPath: string }) => ContainerPath);
    const environment = Object.fromEntries(
      ContainerProperties.Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]),
    );
    expect(environment).toMatchObject({ GRAFT_TENSORFLOW: 'gpu', GRAFT_BATCH_QUEUE: 'graft-gpu' });
    expect(paths).toEqual(expect.arrayContaining(['/tmp', environment.CUDA_CACHE_PATH, environment.GRAFT_DATA_DIR]));
  });

  test('is submitted by the dispatcher alone, an array of it too, and to its own queue', () => {
    const submitting = statementsOf(stacks.graft).filter(({ actions }) => actions.includes('batch:SubmitJob'));
    expect(submitting.map(({ who }) => who.replace(/Role[0-9A-F]*$/, ''))).toEqual(['FunctionsDispatch']);
    const names = submitting.flatMap(({ resources }) => resources.map((arn) => arn.replace(/^.*:batch:[^/]*:/, '')));
    expect(names).toEqual(['job-queue/graft-gpu', 'job-definition/graft-train', 'job-definition/graft-train:*']);
  });

  test('may do as one of an array what a part does: build the trunk, keep features, and say what it failed of', () => {
    const mine = statementsOf(gpu).filter(({ who, actions }) => who.startsWith('JobRole') && actions.includes('s3:PutObject'));
    const kinds = mine.flatMap(({ resources }) => resources.map((arn) => arn.split('/').at(-2)));
    expect(kinds).toEqual(expect.arrayContaining(['trunks', 'features', 'jobs']));
  });

  test('may do what the training function may, and no more', () => {
    const mine = statementsOf(gpu).filter(({ who }) => who.startsWith('JobRole'));
    const functions = statementsOf(stacks.graft).filter(({ who }) => who.startsWith('FunctionsTrainRole'));
    const objects = (statements: typeof mine) =>
      statements.flatMap(({ actions, resources }) =>
        actions[0]?.startsWith('s3:') ? resources.map((resource) => `${actions} ${resource}`) : [],
      );
    expect(objects(mine)).toEqual(objects(functions));
  });
});

test('each wildcard of each role is known, and a new one fails here', () => {
  const lines = statementsOf(gpu).flatMap(({ who, actions, resources }) => {
    const wide = resources.filter((resource) => resource.includes('*'));
    return wide.length === 0 ? [] : [`${who.replace(/[0-9A-F]{8}$/, '')}: ${actions.join(', ')} on ${wide.join(', ')}`];
  });
  expect(lines.sort()).toMatchSnapshot();
});
