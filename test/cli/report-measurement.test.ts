import { expect, test } from 'vitest';
import { reportMeasurement } from '../../cli/report-measurement.ts';

test.each([
  ['calibration.started', ['progress: estimating: measuring the speed of this machine first']],
  ['calibration.failed', ['note: This machine could not be measured. Unless it was before, the estimate has a wide range.']],
  ['request.failed', []],
])('of the event %s, a user reads %j', (event, expected) => {
  const lines: string[] = [];
  const log = reportMeasurement({
    progress: (text) => lines.push(`progress: ${text}`),
    note: (text) => lines.push(`note: ${text}`),
  });
  log(event);
  expect(lines).toEqual(expected);
});
