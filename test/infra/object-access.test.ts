import { describe, expect, test } from 'vitest';
import { objectAccess } from '../../infra/object-access.ts';
import { MODEL_PREFIXES } from '../../lib/aws/bucket-of.ts';
import { imagenetPrefix } from '../../lib/models/model-package.ts';
import { statementsOf, synthStacks } from '../support/stacks.ts';

const { graft, gpu } = synthStacks();

/** What roles may do with objects of one kind: `Predict: s3:GetObject on data/inputs`. */
const grants = [graft, gpu ?? graft].flatMap((template) =>
  statementsOf(template).flatMap(({ who, actions, resources }) =>
    resources.flatMap((resource) => {
      const [, bucket, prefix] = /:::graft-(data|models)-[^/]*\/([^/]+)\/\*$/.exec(resource) ?? [];
      const role = who.replace(/^Functions|Role.*$/g, '');
      return prefix === undefined ? [] : actions.map((action) => `${role}: ${action} on ${bucket}/${prefix}`);
    }),
  ),
);

test('what the store keeps in the model bucket is granted there, and all else in the data bucket', () => {
  const kinds = (bucket: 'data' | 'models') =>
    new Set(Object.values(objectAccess).flatMap((access) => Object.values(access[bucket]).flat()));
  expect([...kinds('models')].map((kind) => `${kind}/`).sort()).toEqual([...MODEL_PREFIXES].sort());
  expect([...kinds('data')].filter((kind) => MODEL_PREFIXES.includes(`${kind}/`))).toEqual([]);
});

describe('the function that predicts', () => {
  const predicts = grants.filter((grant) => grant.startsWith('Predict:'));

  test('reads models, and the images that a request may name by their address, and writes nothing', () => {
    expect(predicts.sort()).toEqual([
      'Predict: s3:GetObject on data/blobs',
      'Predict: s3:GetObject on data/inputs',
      'Predict: s3:GetObject on models/imagenet',
      'Predict: s3:GetObject on models/models',
      'Predict: s3:GetObject on models/registry',
    ]);
  });
});

test('a backbone with its own ImageNet top is read by what answers, by what takes jobs, and by what runs them', () => {
  const kind = imagenetPrefix('vgg16').split('/')[0];
  const readers = grants.filter((grant) => grant.endsWith(`models/${kind}`));
  expect(readers.sort()).toEqual(['Api', 'Job', 'Predict', 'Train'].map((role) => `${role}: s3:GetObject on models/imagenet`));
});
