import type { Command } from 'commander';
import { share, wholeNumber } from '../option-values.ts';
import type { CommandRunner } from './command-runner.ts';

export function addModelCommands(program: Command, acts: CommandRunner): void {
  const { inContext } = acts;
  program.commandsGroup('Models:');

  program
    .command('models')
    .description('list the models and their versions')
    .option('--limit <number>', 'at most so many', wholeNumber)
    .action((options) =>
      inContext(async (context, output) => (await import('../commands/models.ts')).models(options, context, output)),
    );

  program
    .command('model <ref>')
    .description('show a model: how it was made, how good it is, where its files are')
    .action((ref) => inContext(async (context, output) => (await import('../commands/models.ts')).model(ref, context, output)));

  program
    .command('verify <ref>')
    .description("check the files of a model's package against what its card says of them")
    .action((ref) => inContext(async (context, output) => (await import('../commands/verify.ts')).verify(ref, context, output)));

  program
    .command('promote <ref> <alias>')
    .description('point an alias to a version: promote flowers@2 prod')
    .action((ref, alias) =>
      inContext(async (context, output) => (await import('../commands/aliases.ts')).promote(ref, alias, context, output)),
    );

  program
    .command('rollback <name> <alias>')
    .description('point an alias to the version that it pointed to before')
    .action((name, alias) =>
      inContext(async (context, output) => (await import('../commands/aliases.ts')).rollback(name, alias, context, output)),
    );

  addPredictions(program, acts);

  program
    .command('evaluate <ref>')
    .description('judge a model on a data set')
    .requiredOption('--dataset <name>', 'a data set, or a folder to upload first')
    .action((ref, options) =>
      inContext(async (context, output) => (await import('../commands/evaluate.ts')).evaluate(ref, options, context, output)),
    );
}

function addPredictions(program: Command, { inContext }: CommandRunner): void {
  program
    .command('predict <ref> <images...>')
    .description('ask a model: NAME, NAME@VERSION or NAME:ALIAS')
    .option('--top <k>', 'labels an image', wholeNumber, 3)
    .option('--threshold <probability>', 'leave out labels below it', share)
    .option('--abstain <probability>', 'say nothing of an image where no label reaches it', share)
    .action((ref, images, options) =>
      inContext(async (context, output) =>
        (await import('../commands/predict.ts')).predict(ref, images, options, context, output),
      ),
    );

  program
    .command('predict-batch <ref> <source>')
    .description(
      'ask a model about many images: a folder, a data set, inputs/PREFIX of the store, or s3://BUCKET/PREFIX; one JSON line an image',
    )
    .requiredOption('--out <file>', 'where the JSON Lines go')
    .option('--top <k>', 'labels an image', wholeNumber, 3)
    .option('--threshold <probability>', 'leave out labels below it', share)
    .option('--abstain <probability>', 'say nothing of an image where no label reaches it', share)
    .action((ref, source, options) =>
      inContext(async (context, output) =>
        (await import('../commands/predict-batch.ts')).predictBatch(ref, source, options, context, output),
      ),
    );
}
