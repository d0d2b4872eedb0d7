import { expect, test } from 'vitest';
import { linkTo, readAddress } from '../../../console/page-address.ts';

test.each([
  [['datasets', 'flowers@sha256-00'], {}],
  [['models', 'a/b', 'compare'], { before: '1', after: '2' }],
  [['jobs', 'job-1'], { beside: 'job & 2?' }],
  [[], {}],
])('the address of %j leads back to it', (parts, query) => {
  const address = readAddress(linkTo(parts, query));
  expect(address.parts).toEqual(parts);
  expect(Object.fromEntries(address.query)).toEqual(query);
});

test('an address that is not percent-encoded is read as it is', () => {
  expect(readAddress('#/datasets/100%').parts).toEqual(['datasets', '100%']);
  expect(readAddress('').parts).toEqual([]);
});
