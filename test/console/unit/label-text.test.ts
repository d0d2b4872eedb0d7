import { expect, it } from 'vitest';
import { labelOfText, matchingLabels } from '../../../console/labelling/label-text.ts';

const labels = ['tulip', 'late tulip', 'Tulipa', 'rose', 'caf\u00e9', ' odd'];

it.each([
  ['tulip', 'tulip'],
  ['  tulip ', 'tulip'],
  ['Tulip', 'Tulip'],
  ['cafe\u0301', 'caf\u00e9'],
  [' odd', ' odd'],
  ['  ', ''],
])('%j names the class %j', (typed, expected) => expect(labelOfText(typed, labels)).toBe(expected));

it.each([
  ['TUL', ['tulip', 'Tulipa', 'late tulip']],
  [' rose ', ['rose']],
  ['oak', []],
  ['', labels],
])('offers for %j the classes %j', (typed, expected) => expect(matchingLabels(typed, labels)).toEqual(expected));

it('offers no more classes than a list can show', () => {
  const many = Array.from({ length: 1000 }, (_, number) => `class ${number}`);
  expect(matchingLabels('class', many)).toEqual(many.slice(0, 50));
});
