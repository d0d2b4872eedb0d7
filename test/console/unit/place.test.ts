import { expect, test } from 'vitest';
import { linkTo, placeOf } from '../../../console/place.ts';

test.each([
  [['datasets', 'flowers@sha256-00'], {}],
  [['models', 'a/b', 'compare'], { before: '1', after: '2' }],
  [['jobs', 'job-1'], { beside: 'job & 2?' }],
  [[], {}],
])('the address of %j leads back to it', (parts, query) => {
  const place = placeOf(linkTo(parts, query));
  expect(place.parts).toEqual(parts);
  expect(Object.fromEntries(place.query)).toEqual(query);
});

test('an address that is not percent-encoded is read as it is', () => {
  expect(placeOf('#/datasets/100%').parts).toEqual(['datasets', '100%']);
  expect(placeOf('').parts).toEqual([]);
});
