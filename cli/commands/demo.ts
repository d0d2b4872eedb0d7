import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findBundled } from '../../lib/backbones/bundled-file.ts';
import type { Context } from '../context.ts';
import { EXIT, type Output } from '../output.ts';
import { predict } from './predict.ts';
import { train } from './train.ts';

const MODEL = 'trash';

/** graft demo: uploads bundled photographs of rubbish, trains a model on them, and predicts three that it has never seen. */
export async function demo(context: Context, output: Output): Promise<number> {
  selectRuntime(process.env);
  const results: unknown[] = [];
  /** Prints results as text, in order; with --json they are members of one document. */
  const story: Output = {
    ...output,
    result(value, text) {
      results.push(value);
      output.print(text);
    },
  };
  const photographs = fileURLToPath(await findBundled('sample-trashnet'));
  const unseen = fileURLToPath(await findBundled('sample-trashnet-unseen'));

  output.heading('1. Upload photographs of six kinds of rubbish, and train a model to classify them');
  const status = await train({ dataset: photographs, name: MODEL, fast: true, wait: true }, context, story);
  if (status !== EXIT.done) {
    // Its text is printed already. A command that was detached has also printed its document.
    if (results.length > 0) output.script(results[0], '');
    return status;
  }
  output.heading('\n2. Predict three photographs that the model has never seen');
  const images = (await readdir(unseen)).filter((file) => file.endsWith('.jpg')).sort();
  const paths = images.map((file) => relative(process.cwd(), join(unseen, file)));
  await predict(MODEL, paths, { top: 2 }, context, story);
  const [trained, predicted] = results;
  const next = [
    'You only need a folder of images for each class:',
    '  graft train --dataset PATH --wait',
    `  graft predict ${MODEL} IMAGE...`,
    '  graft models',
    '  graft dev      all of this on a page in the browser, and an HTTP API',
  ];
  output.heading('\n3. Your turn');
  output.result({ trained, predicted }, next.join('\n'));
  return EXIT.done;
}

/** Selects ONNX Runtime unless the user selects another runtime, so that the demo is the same on every machine. */
function selectRuntime(environment: NodeJS.ProcessEnv): void {
  const { GRAFT_ENGINE: engine = '', GRAFT_TENSORFLOW: runtime = '' } = environment;
  if (engine === '' && runtime === '') environment.GRAFT_ENGINE = 'onnx';
}
