import { expect, test } from 'vitest';
import { concurrencyVerdict } from '../../../cli/aws/checks.ts';

test.each<[number, number | undefined, string, RegExp, RegExp | undefined]>([
  [1000, undefined, 'ok', /1000 at once.*up to 980/, undefined],
  [1000, 980, 'ok', /up to 980/, undefined],
  [1000, 1000, 'warn', /with maxExtractions 1000 too few are left/, /maxExtractions=980/],
  [3000, 1000, 'ok', /up to 1000/, undefined],
  [10, 5, 'warn', /10 at once/, /--service-code lambda/],
])('of %i functions at once, maxExtractions %s is %s', (most, deployed, verdict, found, fix) => {
  const check = concurrencyVerdict(most, deployed, 'eu-west-1');
  expect(check).toMatchObject({ verdict, found: expect.stringMatching(found) });
  if (fix === undefined) expect(check.fix).toBeUndefined();
  else expect(check.fix).toMatch(fix);
});
