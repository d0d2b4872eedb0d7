import { expect, test } from 'vitest';
import { judgeConcurrency } from '../../../cli/aws/checks.ts';

test.each<[number, number | undefined, string, RegExp, RegExp | undefined]>([
  [1000, undefined, 'ok', /1000 at once.*up to 980/, undefined],
  [1000, 980, 'ok', /up to 980/, undefined],
  [1000, 1000, 'warn', /with maxExtractions 1000 too few are left/, /maxExtractions=980/],
  [3000, 1000, 'ok', /up to 1000/, undefined],
  [10, 5, 'warn', /10 at once/, /--service-code lambda/],
])('of %i functions at once, maxExtractions %s is %s', (most, deployed, verdict, found, fix) => {
  const judged = judgeConcurrency(most, deployed, 'eu-west-1');
  expect(judged).toMatchObject({ verdict, found: expect.stringMatching(found) });
  if (fix === undefined) expect(judged.fix).toBeUndefined();
  else expect(judged.fix).toMatch(fix);
});
