/**
 * Measures this machine and prints the results, in a separate process, so that the server does not load TensorFlow.
 */
import { measureMachine } from '../../lib/calibration/measure-machine.ts';
import { systemClock } from '../../lib/store/system-clock.ts';

process.stdout.write(JSON.stringify(await measureMachine(systemClock.now())), () => process.exit(0));
