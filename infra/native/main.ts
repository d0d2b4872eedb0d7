/**
 * `npm run native`: builds native TensorFlow from packages of the registries of npm and Python alone. A second run
 * finds it built. `--recipe FOLDER` uses another recipe (infra/images/train, for GPUs), `--into FOLDER` another target.
 */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { asGraftError } from '../../lib/errors.ts';
import { buildRuntime } from './build-runtime.ts';

const { values } = parseArgs({
  options: {
    recipe: { type: 'string', default: import.meta.dirname },
    into: { type: 'string', default: join(import.meta.dirname, 'runtime') },
  },
});

try {
  console.log(await buildRuntime(resolve(values.recipe), resolve(values.into), console.error));
} catch (error) {
  console.error(asGraftError(error).message);
  console.error('Nothing was changed. Without a native TensorFlow, Graft trains in ONNX Runtime.');
  process.exitCode = 1;
}
