import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { readSettings } from '../../infra/settings.ts';
import { StorageStack } from '../../infra/storage-stack.ts';
import { synthStacks } from '../support/aws/stacks.ts';

const app = new App();
const alone = Template.fromStack(new StorageStack(app, 'GraftStorage', { settings: readSettings(app.node) })).toJSON();
const whole = synthStacks({ gpu: false }).graft.toJSON();

test('buckets and queues alone are those of the whole app, in all that they are', () => {
  for (const [id, resource] of Object.entries(alone.Resources)) expect(whole.Resources[id], id).toEqual(resource);
  const types = Object.values<{ Type: string }>(alone.Resources).map(({ Type }) => Type);
  expect(types.filter((type) => type === 'AWS::S3::Bucket')).toHaveLength(2);
  expect(types.filter((type) => type === 'AWS::SQS::Queue')).toHaveLength(8);
  expect(types.filter((type) => type === 'AWS::CloudWatch::Alarm')).toHaveLength(4);
  expect(whole.Outputs).toMatchObject(alone.Outputs);
});
