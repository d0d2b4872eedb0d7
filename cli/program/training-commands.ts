import { type Command, Option } from 'commander';
import { decimal, inputSize, oneOf, rgb, wholeNumber } from '../option-values.ts';
import { defaultRates, specChoices } from '../spec-choices.ts';
import type { CommandRunner } from './command-runner.ts';

export function addTrainingCommands(program: Command, acts: CommandRunner): void {
  const { inContext, alone } = acts;
  program.commandsGroup('Training:');

  program
    .command('demo')
    .description('train on bundled photographs and predict three new ones; about a minute')
    .action(() => inContext(async (context, output) => (await import('../commands/demo.ts')).demo(context, output)));

  program
    .command('init [file]')
    .description('write a job spec with comments: members, defaults and their purpose; default: job.jsonc')
    .option('--dataset <name>', 'a data set, or a folder of images', 'photos')
    .option('--force', 'overwrite the file')
    .action((file, options) => alone(async (output) => (await import('../commands/init.ts')).init(file, options, output)));

  addTrain(program, acts);

  program
    .command('jobs')
    .description('list the jobs, newest first')
    .option('--limit <number>', 'the most jobs to list', wholeNumber, 20)
    .action((options) =>
      inContext(async (context, output) => (await import('../commands/jobs.ts')).jobs(options, context, output)),
    );

  program
    .command('job <id>')
    .description('show a job')
    .option('--follow', 'show the epochs and the log until the job ends')
    .option('--finish', 'publish the result so far instead of fine-tuning further')
    .action((id, options) =>
      inContext(async (context, output) => (await import('../commands/jobs.ts')).job(id, options, context, output)),
    );

  program
    .command('cancel <id>')
    .description('cancel a job')
    .action((id) => inContext(async (context, output) => (await import('../commands/jobs.ts')).cancel(id, context, output)));

  program
    .command('retry <id>')
    .description('submit a failed or cancelled job again, as a new job')
    .option('--wait', 'follow the job to its end')
    .action((id, options) =>
      inContext(async (context, output) => (await import('../commands/jobs.ts')).retry(id, options, context, output)),
    );

  program
    .command('export-run <job> <folder>')
    .description('write the epochs and metrics of a training for another tool: export-run JOB --to tensorboard runs')
    .addOption(oneOf('--to <format>', 'the tool', ['tensorboard', 'mlflow']).makeOptionMandatory())
    .action((job, folder, { to }) =>
      inContext(async (context, output) =>
        (await import('../commands/export-run.ts')).exportRun({ job, folder, to }, context, output),
      ),
    );
}

function addTrain(program: Command, { inContext }: CommandRunner): void {
  program
    .command('train')
    .description('train a model, evaluate it on held-out images, and publish it as a new version')
    .option('--dataset <name>', 'a data set, or a folder to upload first')
    .option('--name <model>', 'name of the model; default: the name of the data set')
    .option('--spec <file>', 'job spec as JSON, comments allowed; flags override its members')
    .option(
      '--backbone <name>',
      'the pretrained network; several names to compare, or auto for those whose weights are in the store; or ' +
        'a model of your own: an ONNX file or the folder of a LayersModel',
    )
    .option('--alpha <multiplier>', 'width multiplier of the backbone, in the families that have one', decimal)
    .option('--input-size <size>', 'in pixels: N or HEIGHTxWIDTH', inputSize)
    .option('--crop', 'crop images to the aspect ratio of the input; default: auto compares both')
    .option('--no-crop', 'squeeze images to the aspect ratio of the input')
    .option('--weights <source>', 'bundled, imagenet, imported, none, or a weight file')
    .addOption(
      oneOf(
        '--backbone-precision <precision>',
        'int8: compute features in int8 if that is faster here and not measurably worse; default: float32',
        specChoices.precision,
      ),
    )
    .addOption(oneOf('--strategy <name>', 'which layers of the backbone train', specChoices.strategy))
    .addOption(
      oneOf(
        '--effort <effort>',
        'fast: heads on frozen features, no fine-tuning; best: fine-tunes even few images, and may average both',
        specChoices.effort,
      ),
    )
    .option('--fast', 'the same as --effort fast')
    .option(
      '--freeze <layers>',
      'instead of a strategy: all, none, the last stage or layer to freeze, or the number of stages to freeze',
    )
    .option('--head <preset>', `${specChoices.head.join(', ')}, or a file with a list of layers, as JSON with comments`)
    .option('--epochs <number>', 'the most epochs to train', wholeNumber)
    .option('--batch-size <number>', 'images per step', wholeNumber)
    .addOption(oneOf('--optimizer <name>', 'optimizer of the weights', specChoices.optimizer))
    .option('--learning-rate <rate>', `learning rate of the optimizer; default: ${defaultRates()}`, decimal)
    .addOption(oneOf('--class-weights <mode>', 'how much each class counts', specChoices.classWeights))
    .addOption(oneOf('--augment <preset>', 'random changes of the training images', specChoices.augment))
    .option('--seed <number>', 'seed of the split, the initial weights and the order of the images', wholeNumber)
    .option('--max-cost <dollars>', 'refuse a job that may cost more, and stop one that does', decimal)
    .option('--max-minutes <number>', 'refuse a job that may take longer, and stop one that does', decimal)
    .option('--cut <layer>', 'of a LayersModel: the layer whose output is the features')
    .option('--own-output <name>', 'of an ONNX model: the name of the value that holds the features')
    .option('--own-mean <rgb>', 'mean of each channel, subtracted from pixel values from 0 to 1: R,G,B', rgb)
    .option('--own-std <rgb>', 'standard deviation of each channel, the divisor after that: R,G,B', rgb)
    .addOption(oneOf('--own-channels <order>', 'order of the channels', ['rgb', 'bgr']))
    .addOption(oneOf('--own-layout <layout>', 'position of the channel axis', ['NCHW', 'NHWC']))
    .addOption(
      oneOf('--own-pooling <pooling>', 'how to pool the output into a vector', ['mean-map', 'mean-tokens', 'class-token']),
    )
    .option('--own-licence <text>', "the model's licence, for the model card")
    .addOption(new Option('--dry-run', 'show the spec with its defaults, the plan and the range of time and cost; train nothing'))
    .option('--wait', 'follow the job to its end')
    .option('--profile <folder>', 'with --wait: write a CPU profile and a timeline of the job, for the tools of Chrome')
    .action((options) =>
      inContext(async (context, output) => (await import('../commands/train.ts')).train(options, context, output)),
    );
}
