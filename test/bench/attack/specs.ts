import type { RandomStream } from '../../../lib/random.ts';
import { type Attack, pick } from './hostile-input.ts';
import { plainRequest, rawRequest } from './raw-request.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const FREEZES: readonly [Json, ...Json[]] = [
  'all',
  'none',
  { layers: '(a+)+$' },
  { layers: '(?=a)b' },
  { layers: '\\1(a)' },
  { layers: `${'(a|a?)+'.repeat(20)}$` },
  { layers: '[' },
  { layers: 'a{1,2147483647}' },
  { stages: -1 },
  { stages: 1e9 },
  { through: 'nothing' },
  { layers: '('.repeat(5000) },
];
const VALUES: readonly [Json, ...Json[]] = [
  null,
  true,
  -1,
  0,
  1e308,
  -1e308,
  0.1,
  2 ** 53,
  '',
  'a',
  '\u0000',
  '\ud800',
  '__proto__',
  'x'.repeat(100_000),
  [],
  [[]],
  {},
  { a: 1 },
  'http://169.254.169.254/',
  's3://graft/jobs/',
  '../../etc',
  'constructor',
  '%{x}',
  '%00',
];

/** Creates job specs with members replaced, removed or added, which are estimated, or submitted and cancelled. */
export const specAttack: Attack = (random) => {
  const submits = random.next() < 0.3;
  const seed = random.seed();
  return {
    what: submits ? 'job spec' : 'job spec, estimated',
    lane: 'requests',
    async send(target) {
      // Uses a missing data set, so that a spec that passes all other checks starts no training.
      let spec: Json = specOf(random.next() < 0.2 && !submits ? target.dataset : 'nobody', random);
      for (let changes = 1 + random.integer(3); changes > 0; changes--) spec = changed(spec, random);
      const text = JSON.stringify(spec);
      const path = submits ? '/v1/jobs' : '/v1/estimates';
      const answer = await rawRequest(target, [
        plainRequest(target, { path, body: text, headers: { 'idempotency-key': `attack-${seed}` } }),
      ]);
      return [answer.status];
    },
  };
};

function specOf(dataset: string, random: RandomStream): Json {
  return {
    name: 'attack',
    dataset,
    backbone: { name: pick(random, ['mobilenet', 'efficientnet_lite0', 'vgg16', 'auto']), inputSize: 64, weights: 'none' },
    freeze: pick(random, FREEZES),
    head: [{ layer: 'globalAveragePool' }, { layer: 'dense', units: 8, activation: 'relu' }, { layer: 'dropout', rate: 0.5 }],
    training: { optimizer: { name: 'adam', learningRate: 0.001 }, epochs: 2, batchSize: 8, augment: 'light' },
    split: { train: 0.7, validation: 0.1, test: 0.2 },
    search: { over: { 'training.epochs': [1, 2] }, trials: 2 },
    compute: { target: 'auto', maxCost: 1, maxMinutes: 60 },
    webhook: { url: pick(random, ['https://127.0.0.1/', 'http://[::1]/', 'https://example.com/', 'gopher://x/']) },
  };
}

/** Returns a copy with one member replaced, removed, nested deep inside itself, or added. */
function changed(value: Json, random: RandomStream): Json {
  if (value !== null && typeof value === 'object' && random.next() < 0.8) {
    const keys = Object.keys(value);
    const key = keys[random.integer(Math.max(1, keys.length))];
    if (key !== undefined) {
      const copy: Record<string, Json> = { ...(value as Record<string, Json>) };
      const how = random.next();
      if (how < 0.15) delete copy[key];
      else if (how < 0.3) copy[`${key}x`] = copy[key] ?? null;
      else copy[key] = changed(copy[key] ?? null, random);
      return Array.isArray(value) ? Object.values(copy) : copy;
    }
  }
  if (random.next() < 0.1) return nested(value, 1 + random.integer(2000));
  return pick(random, VALUES);
}

function nested(value: Json, depth: number): Json {
  let inner = value;
  for (let level = 0; level < depth; level++) inner = level % 2 ? [inner] : { over: inner };
  return inner;
}
