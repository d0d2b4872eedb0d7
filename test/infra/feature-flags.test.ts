import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { featureFlags, synthStacks } from '../support/aws/stacks.ts';

const recommended: Record<string, unknown> = JSON.parse(
  readFileSync(createRequire(import.meta.url).resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'),
);

const whole = synthStacks();
const other = synthStacks({ gpu: false, name: 'other' });

/** Where this app differs from what CDK recommends for a new one. */
const OTHERWISE = {
  // Each grant stays a statement of its own: tests and cdk-nag's reasons name them one by one.
  '@aws-cdk/aws-iam:minimizePolicies': false,
  // The main stack's queues and buckets cannot go while the GPU stack uses them.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
};

test('cdk.json sets every feature flag as this version of CDK recommends, but for those that are named here', () => {
  expect(featureFlags).toEqual({ ...recommended, ...OTHERWISE });
});

test('each stack has its tag, and with it all that CloudFormation makes of it', () => {
  expect(whole.tags).toEqual([{ graft: 'graft' }, { graft: 'graft' }]);
  expect(other.tags).toEqual([{ graft: 'other' }]);
});
