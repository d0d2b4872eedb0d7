/** The graft command. Each command is a thin layer over the client; what it prints is decided here and in output.ts. */
import { Command, CommanderError, Option } from 'commander';
import { UsageError } from '../lib/errors.ts';
import { type Context, openContext } from './context.ts';
import { decimal, inputSize, rgb, share, wholeNumber } from './option-values.ts';
import { createOutput, EXIT, type Output, reportError } from './output.ts';

type Action = (context: Context, output: Output) => Promise<number>;

let status: number = EXIT.done;
const json = process.argv.includes('--json');

/** Commands are loaded when they are called: most need neither a server nor the embedded system. */
async function withContext(action: Action): Promise<void> {
  const context = await openContext(process.env);
  try {
    status = await action(context, createOutput({ json }));
  } finally {
    await context.close();
  }
}

const program = new Command('graft')
  .description('Serverless transfer learning: labelled images in, a served model out.')
  .option('--json', 'print exactly one JSON document')
  .showSuggestionAfterError()
  .exitOverride()
  .configureOutput({ writeErr: (text) => void (json || process.stderr.write(text)) });

program
  .command('dev')
  .description('run the whole system on this machine')
  .option('--port <number>', 'port of the API', wholeNumber, 4400)
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .action(async (options) => {
    const { dev } = await import('./commands/dev.ts');
    status = await dev(options, createOutput({ json }));
  });

program
  .command('upload <path>')
  .description('upload labelled images: a folder of class folders, a zip or tar of it, or a manifest')
  .option('--name <name>', 'name of the data set; default: the name of the path')
  .option('--max-refused <share>', 'share of refused files above which nothing is imported', share, 0.05)
  .action((path, options) =>
    withContext(async (context, output) => {
      const { uploadSource, describeReport } = await import('./commands/upload.ts');
      const report = await uploadSource(path, options, context, output);
      output.result(report, `${describeReport(report)}\nTrain a model on it:\n  graft train --dataset ${report.dataset} --wait`);
      return EXIT.done;
    }),
  );

program
  .command('datasets')
  .description('list the data sets')
  .option('--limit <number>', 'at most so many', wholeNumber)
  .action((options) =>
    withContext(async (context, output) => (await import('./commands/datasets.ts')).datasets(options, context, output)),
  );

program
  .command('dataset <ref>')
  .description('show a data set: NAME, NAME:latest or NAME@DIGEST')
  .option('--html <file>', 'write the report as a page with small images')
  .action((ref, options) =>
    withContext(async (context, output) => (await import('./commands/datasets.ts')).dataset(ref, options, context, output)),
  );

program
  .command('dataset-diff <a> <b>')
  .description('what one version of a data set has that another has not')
  .action((a, b) =>
    withContext(async (context, output) => (await import('./commands/datasets.ts')).datasetDiff(a, b, context, output)),
  );

program
  .command('train')
  .description('train a model')
  .option('--dataset <name>', 'a data set, or a folder to upload first')
  .option('--name <model>', 'name of the model; default: the name of the data set')
  .option('--spec <file>', 'job spec as JSON; flags win over it')
  .option('--backbone <name>', 'pretrained network, or a model of your own: an ONNX file or the folder of a LayersModel')
  .option('--input-size <size>', 'pixels: N or HEIGHTxWIDTH', inputSize)
  .option('--weights <source>', 'bundled, imagenet, imported, none, or a weight file')
  .option('--strategy <name>', 'auto, feature-extraction, earlier-features, fine-tune-top or fine-tune-all')
  .option('--freeze <layers>', 'instead of a strategy: all, none, a stage or layer, or a number of stages')
  .option('--head <preset>', 'linear, mlp, tutorial, or a JSON file with a list of layers')
  .option('--epochs <number>', 'at most so many', wholeNumber)
  .option('--batch-size <number>', 'images a step', wholeNumber)
  .option('--optimizer <name>', 'adam, adamw, sgd or rmsprop')
  .option('--learning-rate <rate>', 'of the optimizer', decimal)
  .option('--class-weights <mode>', 'none or balanced')
  .option('--seed <number>', 'of split, initial weights and order', wholeNumber)
  .option('--cut <layer>', 'of a LayersModel: the layer at whose output it is cut')
  .option('--own-output <name>', 'of an ONNX model: the value that holds the features')
  .option('--own-mean <rgb>', 'taken from channels of 0 to 1: R,G,B', rgb)
  .option('--own-std <rgb>', 'what each channel is divided by after that: R,G,B', rgb)
  .addOption(new Option('--own-channels <order>', 'order of the channels').choices(['rgb', 'bgr']))
  .addOption(new Option('--own-layout <layout>', 'where the channels lie').choices(['NCHW', 'NHWC']))
  .addOption(
    new Option('--own-pooling <pooling>', 'how a vector is made of its output').choices([
      'mean-map',
      'mean-tokens',
      'class-token',
    ]),
  )
  .option('--own-licence <text>', 'for the model card')
  .option('--wait', 'follow the job to its end')
  .action((options) =>
    withContext(async (context, output) => (await import('./commands/train.ts')).train(options, context, output)),
  );

program
  .command('jobs')
  .description('list the jobs, newest first')
  .option('--limit <number>', 'at most so many', wholeNumber, 20)
  .action((options) =>
    withContext(async (context, output) => (await import('./commands/jobs.ts')).jobs(options, context, output)),
  );

program
  .command('job <id>')
  .description('show a job')
  .option('--follow', 'until it ends')
  .action((id, options) =>
    withContext(async (context, output) => (await import('./commands/jobs.ts')).job(id, options, context, output)),
  );

program
  .command('cancel <id>')
  .description('cancel a job')
  .action((id) => withContext(async (context, output) => (await import('./commands/jobs.ts')).cancel(id, context, output)));

program
  .command('models')
  .description('list the models and their versions')
  .option('--limit <number>', 'at most so many', wholeNumber)
  .action((options) =>
    withContext(async (context, output) => (await import('./commands/models.ts')).models(options, context, output)),
  );

program
  .command('predict <ref> <images...>')
  .description('ask a model: NAME, NAME@VERSION or NAME:ALIAS')
  .option('--top <k>', 'labels an image', wholeNumber, 3)
  .action((ref, images, options) =>
    withContext(async (context, output) =>
      (await import('./commands/predict.ts')).predict(ref, images, options, context, output),
    ),
  );

program
  .command('backbones [name]')
  .description('list the backbones, or show where one may be cut')
  .option('--alpha <multiplier>', 'width multiplier, in the families that have one', decimal)
  .action((name, options) =>
    withContext(async (context, output) => {
      const { backbone, backbones } = await import('./commands/backbones.ts');
      return name === undefined ? backbones(context, output) : backbone(name, options, output);
    }),
  );

const weights = program.command('weights').description('bring weights of backbones here');

weights
  .command('pull <name>')
  .description('download the official ImageNet weights of a backbone, verified; an interrupted download is resumed')
  .option('--alpha <multiplier>', 'width multiplier, in the families that have one', decimal)
  .option('--top', 'with the 1000-class top: then `graft predict imagenet.NAME IMAGE` answers')
  .action((name, options) =>
    withContext(async (context, output) => (await import('./commands/weights.ts')).pull(name, options, context, output)),
  );

weights
  .command('import <file>')
  .description('take a weight file of your own: .h5, .weights.h5, .keras or .safetensors')
  .requiredOption('--backbone <name>', 'the backbone that it is for')
  .option('--alpha <multiplier>', 'width multiplier, in the families that have one', decimal)
  .action((file, options) =>
    withContext(async (context, output) => (await import('./commands/weights.ts')).importFile(file, options, context, output)),
  );

// --json may stand after any command.
for (const command of program.commands)
  command.option('--json', 'print exactly one JSON document').copyInheritedSettings(program);

try {
  await program.parseAsync();
} catch (error) {
  status = error instanceof CommanderError ? usage(error) : reportError(error, { json });
}
process.exitCode = status;

/** What commander says of a wrong command line; asking for help is no error. */
function usage(error: CommanderError): number {
  if (error.exitCode === 0) return EXIT.done;
  if (json)
    reportError(new UsageError('USAGE', { expected: 'a valid command line', received: error.message, fix: 'see graft --help' }), {
      json,
    });
  return EXIT.usage;
}
