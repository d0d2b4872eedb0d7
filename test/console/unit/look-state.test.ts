import { describe, expect, test } from 'vitest';
import { filterOf, lookStateOf, thresholdOf } from '../../../console/look-state.ts';

const stateOf = (query: string) => lookStateOf(new URLSearchParams(query));
const single = { task: 'single-label' } as const;
const multi = {
  task: 'multi-label',
  thresholds: [
    { label: 'sea', chosen: 0.4, curve: [] },
    { label: 'sky', chosen: 0.625, curve: [] },
  ],
} as unknown as Parameters<typeof filterOf>[2];

describe('the address of a picture', () => {
  test.each([
    ['image=0&from=cell&at=0', { image: 0, from: 'cell', at: 0 }],
    ['image=12&from=crossing&at=3', { image: 12, from: 'crossing', at: 3 }],
    ['image=-1&from=elsewhere&at=x', { image: undefined, from: undefined, at: undefined }],
  ])('%s', (query, expected) => {
    expect(stateOf(query)).toMatchObject(expected);
  });
});

describe('what the API is asked for', () => {
  test.each([
    [
      'a cell: the most confident errors first',
      'cell',
      'label=cat&predicted=dog',
      { label: 'cat', predicted: 'dog', order: 'confidence' },
    ],
    [
      'a cell of the diagonal: the least certain first',
      'cell',
      'label=cat&predicted=cat',
      { label: 'cat', predicted: 'cat', order: 'unsure' },
    ],
    ['a row', 'cell', 'label=cat', { label: 'cat', predicted: undefined, order: 'confidence' }],
    ['no cell', 'cell', '', undefined],
    ['the worst errors', 'examples', '', { order: 'worst', right: false }],
    ['the least certain images', 'examples', 'list=unsure', { order: 'unsure' }],
    ['images below a threshold', 'crossing', 'threshold=80', { of: undefined, from: 0, below: 0.8, order: 'confidence' }],
    ['no threshold', 'crossing', '', undefined],
    ['the threshold of the model', 'crossing', 'threshold=0', undefined],
  ] as const)('%s', (_, list, query, expected) => {
    expect(filterOf(list, stateOf(query), single)).toEqual(expected);
  });

  test.each([
    ['a higher threshold', 'of=sea&threshold=60', { of: 'sea', from: 0.4, below: 0.6, order: 'confidence' }],
    ['a lower one, of the first label', 'threshold=10', { of: 'sea', from: 0.1, below: 0.4, order: 'confidence' }],
    ['that of the model, in whole percent', 'of=sky&threshold=63', undefined],
  ])('multi-label: %s', (_, query, expected) => {
    expect(filterOf('crossing', stateOf(query), multi)).toEqual(expected);
  });
});

test('a model of one class has no threshold to move', () => {
  expect(thresholdOf({ task: 'one-class' }, stateOf(''))).toBeUndefined();
});
