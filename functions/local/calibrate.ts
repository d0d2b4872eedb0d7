/** Measures this machine and prints its profile: a process of its own, so that no server loads TensorFlow. */
import { measureMachine } from '../../lib/calibration/measure-machine.ts';
import { systemClock } from '../../lib/store/system-clock.ts';

process.stdout.write(JSON.stringify(await measureMachine(systemClock.now())), () => process.exit(0));
