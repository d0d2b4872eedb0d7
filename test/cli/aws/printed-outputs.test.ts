import { expect, test } from 'vitest';
import { printedDone, printedOutputs } from '../../../cli/aws/printed-outputs.ts';

const LINES = [
  '✅  Graft (graft)',
  'Outputs:',
  'Graft.ApiUrl = https://api.example.com/',
  '✅  GraftGpu (graft-gpu) (no changes)',
];

test('the outputs of a stack are those that CDK prints with its name', () => {
  expect(printedOutputs('Graft', LINES)).toEqual({ ApiUrl: 'https://api.example.com/' });
  expect(printedOutputs('GraftGpu', LINES)).toBeUndefined();
});

test.each([
  ['Graft', LINES, true],
  ['GraftGpu', LINES, true],
  ['GraftGpu', LINES.slice(0, 3), false],
  ['GraftGpu', ['❌  GraftGpu (graft-gpu) failed'], false],
])('whether %s is deployed after %j: %s', (id, lines, done) => {
  expect(printedDone(id, lines)).toBe(done);
});
