import { type Command, Option } from 'commander';
import { decimal, inputSize, oneOf, rgb, wholeNumber } from '../option-values.ts';
import { defaultRates, specChoices } from '../spec-choices.ts';
import type { CommandRunner } from './command-runner.ts';

export function addTrainingCommands(program: Command, acts: CommandRunner): void {
  const { inContext, alone } = acts;
  program.commandsGroup('Training:');

  program
    .command('init [file]')
    .description('write a job spec with every member, its default and what it is for; default: job.jsonc')
    .option('--dataset <name>', 'a data set, or a folder of images', 'photos')
    .option('--force', 'overwrite the file')
    .action((file, options) => alone(async (output) => (await import('../commands/init.ts')).init(file, options, output)));

  addTrain(program, acts);

  program
    .command('jobs')
    .description('list the jobs, newest first')
    .option('--limit <number>', 'at most so many', wholeNumber, 20)
    .action((options) =>
      inContext(async (context, output) => (await import('../commands/jobs.ts')).jobs(options, context, output)),
    );

  program
    .command('job <id>')
    .description('show a job')
    .option('--follow', 'its epochs and its log, until it ends')
    .action((id, options) =>
      inContext(async (context, output) => (await import('../commands/jobs.ts')).job(id, options, context, output)),
    );

  program
    .command('cancel <id>')
    .description('cancel a job')
    .action((id) => inContext(async (context, output) => (await import('../commands/jobs.ts')).cancel(id, context, output)));

  program
    .command('retry <id>')
    .description('try a job that failed or was cancelled once more, as a new job')
    .option('--wait', 'follow the job to its end')
    .action((id, options) =>
      inContext(async (context, output) => (await import('../commands/jobs.ts')).retry(id, options, context, output)),
    );
}

function addTrain(program: Command, { inContext }: CommandRunner): void {
  program
    .command('train')
    .description('train a model')
    .option('--dataset <name>', 'a data set, or a folder to upload first')
    .option('--name <model>', 'name of the model; default: the name of the data set')
    .option('--spec <file>', 'job spec as JSON, comments allowed; flags win over it')
    .option('--backbone <name>', 'pretrained network, or a model of your own: an ONNX file or the folder of a LayersModel')
    .option('--alpha <multiplier>', 'width multiplier of the backbone, in the families that have one', decimal)
    .option('--input-size <size>', 'pixels: N or HEIGHTxWIDTH', inputSize)
    .option('--weights <source>', 'bundled, imagenet, imported, none, or a weight file')
    .addOption(oneOf('--strategy <name>', 'how much of the backbone is trained', specChoices.strategy))
    .addOption(oneOf('--effort <effort>', 'fast: a head in closed form and no fine-tuning', specChoices.effort))
    .option('--fast', 'the same as --effort fast')
    .option('--freeze <layers>', 'instead of a strategy: all, none, a stage or layer, or a number of stages')
    .option('--head <preset>', `${specChoices.head.join(', ')}, or a JSON file with a list of layers`)
    .option('--epochs <number>', 'at most so many', wholeNumber)
    .option('--batch-size <number>', 'images a step', wholeNumber)
    .addOption(oneOf('--optimizer <name>', 'what moves the weights', specChoices.optimizer))
    .option('--learning-rate <rate>', `of the optimizer; default: ${defaultRates()}`, decimal)
    .addOption(oneOf('--class-weights <mode>', 'how much each class counts', specChoices.classWeights))
    .addOption(oneOf('--augment <preset>', 'random changes of the training images', specChoices.augment))
    .option('--seed <number>', 'of split, initial weights and order', wholeNumber)
    .option('--max-cost <dollars>', 'refuse or stop a job that costs more', decimal)
    .option('--max-minutes <number>', 'refuse or stop a job that takes longer', decimal)
    .option('--cut <layer>', 'of a LayersModel: the layer at whose output it is cut')
    .option('--own-output <name>', 'of an ONNX model: the value that holds the features')
    .option('--own-mean <rgb>', 'taken from channels of 0 to 1: R,G,B', rgb)
    .option('--own-std <rgb>', 'what each channel is divided by after that: R,G,B', rgb)
    .addOption(oneOf('--own-channels <order>', 'order of the channels', ['rgb', 'bgr']))
    .addOption(oneOf('--own-layout <layout>', 'where the channels lie', ['NCHW', 'NHWC']))
    .addOption(oneOf('--own-pooling <pooling>', 'how a vector is made of its output', ['mean-map', 'mean-tokens', 'class-token']))
    .option('--own-licence <text>', 'for the model card')
    .addOption(new Option('--dry-run', 'show the spec with its defaults, the plan, the time and the cost; train nothing'))
    .option('--wait', 'follow the job to its end')
    .action((options) =>
      inContext(async (context, output) => (await import('../commands/train.ts')).train(options, context, output)),
    );
}
