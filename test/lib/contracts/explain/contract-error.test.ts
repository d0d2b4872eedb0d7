import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseContract } from '../../../../lib/contracts/explain/contract-error.ts';
import { choicesOf, wordsOf } from '../../../../lib/contracts/explain/schema-at.ts';
import { BatchPredictBody } from '../../../../lib/contracts/http.ts';
import { JobSpec } from '../../../../lib/contracts/job-spec.ts';
import { PredictBody } from '../../../../lib/contracts/prediction.ts';
import { SpecError } from '../../../../lib/errors.ts';

const least = { name: 'flowers', dataset: 'flowers' };

function errorOf(schema: z.ZodType, value: unknown): SpecError {
  try {
    parseContract(schema, value, { page: 'docs/job-spec.md' });
  } catch (error) {
    if (error instanceof SpecError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(value)} was taken`);
}

interface Place {
  readonly path: readonly (string | number)[];
  readonly schema: z.core.$ZodType;
  /** A value that leads there. */
  readonly build: (inner: unknown) => unknown;
}

/** Every place of a contract at which a value stands, with an object around it that has what is required. */
function* places({ path, schema, build }: Place): Generator<Place> {
  yield { path, schema, build };
  for (const choice of choicesOf(schema)) {
    if (choice instanceof z.ZodArray) {
      yield* places({ path: [...path, 0], schema: choice.element, build: (inner) => build([inner]) });
    }
    if (!(choice instanceof z.ZodObject)) continue;
    const required = requiredOf(choice);
    yield { path, schema: choice, build };
    for (const [key, member] of Object.entries(choice.shape))
      yield* places({ path: [...path, key], schema: member, build: (inner) => build({ ...required, [key]: inner }) });
  }
}

/** Values for the members that an object must have. */
function requiredOf(schema: z.ZodObject): object {
  const entries = Object.entries(schema.shape).flatMap(([key, member]) => {
    if (member.safeParse(undefined).success) return [];
    const [word] = wordsOf(member);
    const candidates = [word, least.name, 0.5, 1, true, [1, 1], 'a'.repeat(64), 'https://example.com'];
    return [[key, candidates.find((value) => member.safeParse(value).success)]];
  });
  return Object.fromEntries(entries);
}

/** Two letters in the middle, the other way round; of short words, which are alike, one letter more. */
function misspelt(word: string): string {
  const middle = Math.floor(word.length / 2);
  const swapped = word.slice(0, middle - 1) + word[middle] + word[middle - 1] + word.slice(middle + 1);
  return word.length < 6 || swapped === word ? `${word}${word.at(-1)}` : swapped;
}

const all = [...places({ path: [], schema: JobSpec, build: (inner) => ({ ...least, ...Object(inner) }) })];
const choices = all.flatMap(({ path, schema, build }) =>
  choicesOf(schema).flatMap((choice) =>
    wordsOf(choice)
      .filter((word) => typeof word === 'string')
      .map((word) => [path.join('.'), word, build(misspelt(word))] as const),
  ),
);
const keys = all.flatMap(({ path, schema, build }) =>
  schema instanceof z.ZodObject
    ? Object.keys(schema.shape).map((key) => {
        const { [key]: value, ...others } = { ...requiredOf(schema) } as Record<string, unknown>;
        return [path.join('.') || 'body', key, build({ ...others, [misspelt(key)]: value ?? 1 })] as const;
      })
    : [],
);

test('the tables have every enum, discriminator and key of the job spec', () => {
  expect(choices.map(([path]) => path)).toEqual(
    expect.arrayContaining([
      'task',
      'strategy',
      'freeze',
      'head',
      'head.0.layer',
      'head.0.activation',
      'head.0.kernelInitializer',
      'head.0.l2',
      'training.optimizer.name',
      'training.schedule.name',
      'training.loss.name',
      'training.mix.name',
      'training.classWeights',
      'training.augment',
      'training.augment.0.transform',
      'training.augment.0.fill',
      'fineTuning.schedule.name',
      'compute.target',
      'backbone.own.channels',
      'webhook.events.0',
    ]),
  );
  expect(choices.length).toBeGreaterThan(100);
  expect(keys.length).toBeGreaterThan(150);
});

test.each(choices)('%s: a misspelt %s is told which was meant', (path, word, value) => {
  const error = errorOf(JobSpec, value);
  expect(error).toMatchObject({ code: 'REQUEST_INVALID', at: path, received: misspelt(word) });
  expect(error.expected?.split(/, (?:or )?/).map((one) => one.replace(/^.*one of /, ''))).toContain(word);
  expect(error.fix).toBe(`did you mean ${word}?`);
});

test.each(keys)('%s: a misspelt key %s is told which was meant', (path, key, value) => {
  const error = errorOf(JobSpec, value);
  expect(error.message).not.toMatch(/Invalid input|see docs/);
  if (path === 'body' && (key === 'name' || key === 'dataset')) return;
  expect(error, JSON.stringify(value)).toMatchObject({ code: 'UNKNOWN_KEY', at: path, received: misspelt(key) });
  expect(error.fix, JSON.stringify(value)).toMatch(/^did you mean /);
  expect(error.expected).toContain(key);
});

describe('a value of the wrong type or form', () => {
  test.each<[z.ZodType, unknown, string, string, string?]>([
    [
      JobSpec,
      { ...least, head: 3 },
      'head',
      'one of linear, mlp, cosine, tutorial, or a list, each an object whose layer is one of flatten',
    ],
    [
      JobSpec,
      { ...least, training: { optimizer: 'adma' } },
      'training.optimizer',
      'an object whose name is one of adam, adamw',
      'adam',
    ],
    [JobSpec, { ...least, freeze: {} }, 'freeze', 'one of all, none, or an object with through, or an object with stages'],
    [JobSpec, { ...least, freeze: { through: '' } }, 'freeze.through', 'string to have >=1 characters'],
    [
      JobSpec,
      { ...least, backbone: { inputSize: '224' } },
      'backbone.inputSize',
      'a whole number from 1 to 2048, or a list of 2',
    ],
    [JobSpec, { ...least, backbone: { inputSize: 4000 } }, 'backbone.inputSize', 'a whole number from 1 to 2048'],
    [JobSpec, { ...least, training: { classWeights: { a: 'x' } } }, 'training.classWeights.a', 'a number from 0 to 1000000'],
    [JobSpec, { nmae: 'x', dataset: 'x' }, 'body', 'only these keys: name, dataset', 'name'],
    [JobSpec, 'text', 'body', 'an object with name, dataset'],
    [BatchPredictBody, { prefx: 'inputs/' }, 'body', 'only these keys: ', 'prefix'],
    [PredictBody, { images: [{ bas64: 'AAAA' }] }, 'images.0', 'only these keys: name, base64, uri', 'base64'],
    [PredictBody, { images: ['x'] }, 'images.0', 'an object with name, base64, or an object with name, uri'],
  ])('%# says what is taken', (schema, value, at, expected, meant) => {
    const error = errorOf(schema, value);
    expect(error).toMatchObject({ at, expected: expect.stringContaining(expected) });
    if (meant !== undefined) expect(error.fix).toBe(`did you mean ${meant}?`);
  });
});
