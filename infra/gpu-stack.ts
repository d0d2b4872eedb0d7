import { CfnOutput, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { GpuMachines } from './constructs/gpu-machines.ts';
import { Network } from './constructs/network.ts';
import { TrainingJob } from './constructs/training-job.ts';
import type { GraftStack } from './graft-stack.ts';
import { type Settings, stackTags } from './settings.ts';

export interface GpuStackProps extends StackProps {
  readonly settings: Settings;
  readonly graft: GraftStack;
}

/** The machines for jobs that are too large for a Lambda function. Nothing of it costs money while no job runs. */
export class GpuStack extends Stack {
  constructor(scope: Construct, id: string, { settings, graft, ...props }: GpuStackProps) {
    super(scope, id, { description: 'Graft: training on GPUs.', tags: stackTags(settings), ...props });
    Tags.of(this).add('graft', settings.name);
    const { storage, queues } = graft;
    const network = new Network(this, 'Network');
    const machines = new GpuMachines(this, 'Machines', { settings, network });
    const job = new TrainingJob(this, 'Job', { settings, storage, queues });
    new CfnOutput(this, 'BatchQueue', { value: machines.queue.jobQueueName });
    new CfnOutput(this, 'BatchJobDefinition', { value: job.definition.jobDefinitionName });
  }
}
