import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseContract } from '../../../lib/contracts/explain/contract-error.ts';
import { JobSpec, type JobSpecInput } from '../../../lib/contracts/job-spec.ts';

const page = 'docs/job-spec.md';
const parse = (backbone: unknown) => parseContract(JobSpec, { name: 'a', dataset: 'a', backbone }, { page }).backbone;

describe('a list of backbone names', () => {
  test('compares these backbones', () => {
    const backbone: JobSpecInput['backbone'] = { name: ['vgg16', 'resnet50'], inputSize: 64 };
    expect(parse(backbone)).toEqual({ name: 'auto', candidates: [{ name: 'vgg16' }, { name: 'resnet50' }], inputSize: 64 });
  });

  test('is recorded as a spec that parses to itself', () => {
    const recorded = parse({ name: ['vgg16'], cropToAspectRatio: true });
    expect(parse(recorded)).toEqual(recorded);
  });

  test.each<[wrong: string, backbone: unknown, error: object]>([
    ['an empty list', { name: [] }, { at: 'backbone.name' }],
    ['a number in the list', { name: ['vgg16', 7] }, { at: 'backbone.name.1' }],
    ['candidates too', { name: ['vgg16'], candidates: [{ name: 'resnet50' }] }, { at: 'backbone.candidates' }],
    ['weights', { name: ['vgg16'], weights: 'imagenet' }, { at: 'backbone.candidates' }],
    ['an unknown member', { name: ['vgg16'], alpa: 1 }, { code: 'UNKNOWN_KEY', fix: 'did you mean alpha?' }],
  ])('is refused with %s', (_, backbone, error) => {
    expect(() => parse(backbone)).toThrow(expect.objectContaining(error));
  });

  test('is in the schema of requests, and not in that of records', () => {
    const nameIn = (io: 'input' | 'output') => z.toJSONSchema(JobSpec.pick({ backbone: true }), { io, reused: 'inline' });
    expect(nameIn('input')).toMatchObject({
      properties: { backbone: { properties: { name: { anyOf: [{ type: 'string' }, { type: 'array' }] } } } },
    });
    expect(nameIn('output')).toMatchObject({ properties: { backbone: { properties: { name: { type: 'string' } } } } });
  });
});
