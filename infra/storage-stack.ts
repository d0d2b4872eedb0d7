import { Stack, type StackProps, Tags } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Queues } from './constructs/queues.ts';
import { Storage } from './constructs/storage.ts';
import { addStorageOutputs } from './constructs/storage-outputs.ts';
import { type Settings, stackTags } from './settings.ts';

export interface StorageStackProps extends StackProps {
  readonly settings: Settings;
}

/** Buckets and queues without the functions: what a Graft on your own machine needs from AWS or LocalStack. */
export class StorageStack extends Stack {
  constructor(scope: Construct, id: string, { settings, ...props }: StorageStackProps) {
    super(scope, id, { description: 'Graft: its buckets and queues alone.', tags: stackTags(settings), ...props });
    Tags.of(this).add('graft', settings.name);
    addStorageOutputs(this, new Storage(this, 'Storage', settings), new Queues(this, 'Queues'));
  }
}
