import { expect, test } from 'vitest';
import { checkFast } from '../../../cli/commands/check-fast.ts';
import type { SpecOptions } from '../../../cli/commands/train-spec.ts';
import { UsageError } from '../../../lib/errors.ts';
import { presets } from '../../../lib/heads/presets.ts';

const check = (options: SpecOptions, head: unknown = options.head) => checkFast(options, head);

test.each<[options: SpecOptions, other: string]>([
  [{ effort: 'auto' }, '--effort auto'],
  [{ effort: 'best' }, '--effort best'],
  [{ strategy: 'fine-tune-top' }, '--strategy fine-tune-top'],
  [{ strategy: 'stage-features' }, '--strategy stage-features'],
  [{ freeze: 'all' }, '--freeze all'],
  [{ head: 'mlp' }, '--head mlp'],
])('--fast with %j is a usage error that names both flags', (options, other) => {
  expect(() => check({ ...options, fast: true })).toThrow(UsageError);
  expect(() => check({ ...options, fast: true })).toThrow(
    expect.objectContaining({ code: 'USAGE', at: '--fast', received: `--fast ${other}` }),
  );
  expect(() => check(options)).not.toThrow();
});

test('--effort fast is checked as --fast is', () => {
  expect(() => check({ effort: 'fast', freeze: 'block6' })).toThrow(
    expect.objectContaining({ code: 'USAGE', received: '--effort fast --freeze block6' }),
  );
});

test('a head in a file is refused unless its layers are those of the linear head', () => {
  const options = { fast: true, head: 'head.json' };
  expect(() => check(options, [{ layer: 'globalAveragePool' }, { layer: 'dense', units: 8 }])).toThrow(
    expect.objectContaining({ code: 'USAGE', received: '--fast --head head.json' }),
  );
  expect(() => check(options, presets.linear)).not.toThrow();
});

test.each<SpecOptions>([
  { effort: 'fast' },
  { strategy: 'auto' },
  { head: 'linear' },
  { epochs: 5, batchSize: 16, optimizer: 'adam', learningRate: 0.01 },
  { seed: 3, classWeights: 'balanced', backbone: 'auto', name: 'm' },
])('--fast agrees with %j', (options) => {
  expect(() => check({ ...options, fast: true })).not.toThrow();
});
