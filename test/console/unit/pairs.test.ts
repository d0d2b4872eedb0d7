import { expect, it } from 'vitest';
import { changesOf, keyOf, type Pair, pairsLeft, pairsOf, progressOf } from '../../../console/labelling/pairs.ts';

const image = (path: string, label: string) => ({ path, labels: [label], sha256: '0'.repeat(64), width: 8, height: 8 });
const pair = (left: string, right: string, kind: Pair['kind'] = 'identical'): Pair => ({
  kind,
  left: image(left, `label of ${left}`),
  right: image(right, `label of ${right}`),
});
const found = [pair('a', 'b'), pair('a', 'c'), pair('d', 'b')];

it('shows images with the labels that earlier answers gave them', () => {
  const given = new Map([['a', ['label of b']]]);
  const [next] = pairsLeft(found, new Set([keyOf(found[0]!)]), (path) => given.get(path));
  expect(next).toMatchObject({ left: { path: 'a', labels: ['label of b'] }, right: { path: 'c', labels: ['label of c'] } });
  expect(changesOf(next!, 'left')).toEqual([{ image: 'c', before: ['label of c'], after: ['label of b'] }]);
});

it('leaves out pairs whose labels are the same by now', () => {
  const given = new Map([['a', ['label of c']]]);
  const left = pairsLeft(found, new Set(), (path) => given.get(path));
  expect(left.map(keyOf)).toEqual([keyOf(found[0]!), keyOf(found[2]!)]);
});

it('shows pairs of earlier parts again whose answers were taken back, the last one first', () => {
  const [first, second] = [pair('x', 'y'), pair('y', 'z')];
  const shown = pairsOf(found, [first, second, first, found[1]!]);
  expect(shown.map(keyOf)).toEqual([first, second, ...found].map(keyOf));
});

it.each([
  ['of the first part', [], 1, 600],
  ['behind answers of this part', [found[0]!], 2, 600],
  ['behind answers of earlier parts', [pair('x', 'y'), pair('y', 'z'), found[0]!], 4, 602],
])('counts the pair that is shown among those of all parts: %s', (_, answers, number, all) => {
  const answered = new Set(answers.map(keyOf));
  const waiting = found.filter((each) => !answered.has(keyOf(each)));
  expect(progressOf(found, waiting, { answered, rest: 597 })).toEqual({ number, all });
});

it.each([
  ['identical', 'left', 'b'],
  ['identical', 'right', 'a'],
  ['suspect', 'right', 'a'],
  ['similar', 'skip', undefined],
  // Equal pictures cannot have two labels, and the right image of a suspect pair is not in doubt.
  ['identical', 'both', undefined],
  ['suspect', 'both', undefined],
] as const)('%s, %s: changes %s', (kind, answer, changed) =>
  expect(changesOf(pair('a', 'b', kind), answer)[0]?.image).toBe(changed),
);

it.each([
  ['suspect', 'left', ['a']],
  ['similar', 'both', ['a', 'b']],
] as const)('%s, %s: confirms the labels of %j', (kind, answer, images) => {
  const confirmed = images.map((path) => {
    const labels = [`label of ${path}`];
    return { image: path, before: labels, after: labels, wasConfirmed: undefined, isConfirmed: true };
  });
  expect(changesOf(pair('a', 'b', kind), answer)).toEqual(confirmed);
});
