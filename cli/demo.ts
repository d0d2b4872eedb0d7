/**
 * npm run demo: uploads bundled photographs of rubbish, trains a model on them, and predicts three that it has never
 * seen.
 */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { predict } from './commands/predict.ts';
import { train } from './commands/train.ts';
import { openContext } from './context.ts';
import { formatCommand } from './format-command.ts';
import { createOutput, EXIT, type Output, reportError } from './output.ts';

const assets = fileURLToPath(new URL('../assets/', import.meta.url));
const photographs = join(assets, 'sample-trashnet');
const unseen = join(assets, 'sample-trashnet-unseen');
const model = 'trash';
const { bold } = pc.createColors(process.stdout.isTTY === true);

/** The demo prints results as text, in order, and not as the output of a command. */
const output: Output = { ...createOutput({ json: false }), result: (_, text) => print(text) };

// The same on every machine, in less than a minute: with native TensorFlow, strategy auto would also fine-tune.
process.env.GRAFT_TENSORFLOW ??= 'wasm';
const context = await openContext(process.env);
try {
  process.exitCode = await demo();
} catch (error) {
  process.exitCode = reportError(error, { json: false });
} finally {
  await context.close();
}

async function demo(): Promise<number> {
  print(bold('1. Upload photographs of six kinds of rubbish, and train a model to classify them'));
  const status = await train({ dataset: photographs, name: model, wait: true }, context, output);
  if (status !== EXIT.done) return status;
  print(bold('\n2. Predict three photographs that the model has never seen'));
  const images = (await readdir(unseen)).filter((file) => file.endsWith('.jpg')).sort();
  const paths = images.map((file) => relative(process.cwd(), join(unseen, file)));
  await predict(model, paths, { top: 2 }, context, output);
  print(bold('\n3. Your turn'));
  print(
    [
      'You only need a folder of images for each class:',
      '  graft train --dataset PATH --wait',
      `  graft predict ${model} IMAGE...`,
      '  graft models',
      '  graft dev      the whole system with its HTTP API',
    ].join('\n'),
  );
  return EXIT.done;
}

function print(text: string): void {
  process.stdout.write(`${formatCommand(text)}\n`);
}
