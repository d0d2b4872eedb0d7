import type { Log } from '../lib/ports.ts';
import type { Output } from './output.ts';

/** Returns a log that tells a user why an estimate takes seconds: this machine is measured first, or could not be. */
export function reportMeasurement(output: Pick<Output, 'progress' | 'note'>): Log {
  return (event) => {
    if (event === 'calibration.started') output.progress('estimating: measuring the speed of this machine first');
    if (event === 'calibration.failed')
      output.note('This machine could not be measured. Unless it was before, the estimate has a wide range.');
  };
}
