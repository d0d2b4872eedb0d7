import { type Command, Option } from 'commander';
import { exportFormats } from '../../lib/contracts/model-export.ts';
import { precisions } from '../../lib/contracts/precision.ts';
import { share, wholeNumber } from '../option-values.ts';
import { withProfile } from '../with-profile.ts';
import type { CommandRunner } from './command-runner.ts';

export function addModelCommands(program: Command, acts: CommandRunner): void {
  const { inContext } = acts;
  program.commandsGroup('Models:');

  program
    .command('models')
    .description('list the models and their versions')
    .option('--limit <number>', 'the most models to list; default: all', wholeNumber)
    .action((options) =>
      inContext(async (context, output) => (await import('../commands/models.ts')).models(options, context, output)),
    );

  program
    .command('model <ref>')
    .description('show a model: its data set, backbone, metrics and files')
    .option('--report', 'show the report of its evaluation; with --json the complete report')
    .option('--html <file>', 'write the report as an HTML page with plots and thumbnails')
    .option('--lineage', 'show what the version was made from: data set, weights, spec, job, runtime, code')
    .action((ref, options) =>
      inContext(async (context, output) => (await import('../commands/models.ts')).model(ref, options, context, output)),
    );

  program
    .command('verify <ref>')
    .description("check the files of a model's package by their SHA-256, and its predictions of reference images")
    .addOption(
      new Option('--in <runtime>', 'predict the reference images there, too: a browser on this machine').choices(['chromium']),
    )
    .action((ref, options) =>
      inContext(async (context, output) => (await import('../commands/verify.ts')).verify(ref, options, context, output)),
    );

  program
    .command('model-diff <before> <after>')
    .description('compare two versions on the images that both were evaluated on: metrics, changed predictions, training')
    .action((before, after) =>
      inContext(async (context, output) => (await import('../commands/model-diff.ts')).modelDiff(before, after, context, output)),
    );

  program
    .command('export <ref> <folder>')
    .description('export a model to run elsewhere, without Graft: ONNX, an npm package, a web page, TF.js or Keras')
    .addOption(new Option('--to <format>', 'format of the export').choices(exportFormats).makeOptionMandatory())
    .addOption(
      new Option('--precision <type>', 'how weights are stored; int8 computes with it, too')
        .choices(precisions)
        .default('float32'),
    )
    .option('--max-loss <share>', 'refuse float16 or int8 that loses more accuracy on the test images', share, 0.01)
    .action((ref, folder, options) =>
      inContext(async (context, output) =>
        (await import('../commands/export.ts')).exportTo(ref, folder, options, context, output),
      ),
    );

  program
    .command('promote <ref> <alias>')
    .description('point an alias to a version that passes its gate: promote flowers@2 prod')
    .option('--force', 'promote the version even if it does not pass the gate; needs a reason')
    .option('--reason <text>', "with --force: why, for the alias's history")
    .action((ref, alias, options) =>
      inContext(async (context, output) =>
        (await import('../commands/aliases.ts')).promote({ ref, alias, ...options }, context, output),
      ),
    );

  program
    .command('gate <ref>')
    .description('show, set or remove the gate of an alias, NAME:ALIAS: what a version must meet before promotion')
    .option('--set <gate>', 'the rules as JSON, or a file with them')
    .option('--remove', 'remove the gate')
    .action((ref, options) =>
      inContext(async (context, output) => (await import('../commands/gate.ts')).gate(ref, options, context, output)),
    );

  program
    .command('rollback <name> [alias]')
    .description('point an alias back to its previous version; default: latest')
    .action((name, alias) =>
      inContext(async (context, output) => (await import('../commands/aliases.ts')).rollback(name, alias, context, output)),
    );

  program
    .command('retention <name>')
    .description('show or set which versions of a model stay; the others are removed once a day, unless something uses them')
    .option('--newest <number>', 'number of the newest versions that stay, whatever their age (default 10)', wholeNumber)
    .option('--days <number>', 'days that every version stays (default 30)', wholeNumber)
    .option('--dry-run', 'show what the setting would remove, and change nothing')
    .option('--off', 'keep all versions')
    .action((name, options) =>
      inContext(async (context, output) => (await import('../commands/retention.ts')).retention(name, options, context, output)),
    );

  addPredictions(program, acts);
  addProduction(program, acts);

  program
    .command('evaluate <ref>')
    .description('evaluate a model on a data set')
    .requiredOption('--dataset <name>', 'a data set, or a folder to upload first')
    .action((ref, options) =>
      inContext(async (context, output) => (await import('../commands/evaluate.ts')).evaluate(ref, options, context, output)),
    );
}

function addProduction(program: Command, { inContext }: CommandRunner): void {
  program
    .command('keep <name>')
    .description('show or set which of its predictions a model keeps, for drift and dataset-from; by default none')
    .option('--share <share>', 'share of the predictions to keep, drawn at random (default 0.1)', share)
    .option('--per-day <number>', 'the most of each version a day (default 1000)', wholeNumber)
    .option('--images', 'keep the images, too')
    .option('--no-images', 'keep no images from now on')
    .option('--days <number>', 'days after which they are removed (default 30)', wholeNumber)
    .option('--off', 'keep none, and remove those that were kept')
    .action((name, options) =>
      inContext(async (context, output) => (await import('../commands/keep.ts')).keep(name, options, context, output)),
    );

  program
    .command('drift <ref>')
    .description('compare the predictions that a model has kept with those on its test images: what changed?')
    .option('--days <number>', 'the last days that count', wholeNumber, 7)
    .action((ref, options) =>
      inContext(async (context, output) => (await import('../commands/drift.ts')).drift(ref, options, context, output)),
    );

  program
    .command('dataset-from <ref>')
    .description('write the images that a model has kept as a folder to label, with its predictions as suggestions')
    .requiredOption('--name <name>', 'the folder, and the name of the data set that it becomes')
    .option('--unknown', 'only images unlike those of the data set; with --unsure, images of either kind')
    .option('--unsure', 'only images whose prediction is less confident than on nine tenths of the test images')
    .option('--days <number>', 'only those of the last days', wholeNumber)
    .action((ref, options) =>
      inContext(async (context, output) =>
        (await import('../commands/dataset-from.ts')).datasetFrom(ref, options, context, output),
      ),
    );
}

function addPredictions(program: Command, { inContext }: CommandRunner): void {
  program
    .command('predict <ref> <images...>')
    .description('predict images with a model: NAME, NAME@VERSION or NAME:ALIAS')
    .option('--top <k>', 'labels per image', wholeNumber, 3)
    .option('--threshold <probability>', 'leave out less probable labels', share)
    .option('--abstain <probability>', 'predict nothing for an image if no label reaches it', share)
    .option('--precision <share>', 'predict nothing that is right less often, by held-out images: at most 0.99', share)
    .option('--explain <folder>', 'write a picture of each image that shows where the model found evidence for a label')
    .option('--explain-label <label>', 'the label to explain; default: the most probable one')
    .option('--profile <folder>', 'write a CPU profile and a timeline of this command, for the tools of Chrome')
    .action((ref, images, { profile: folder, ...options }) =>
      withProfile(folder, 'predict', (profile) =>
        inContext(
          async (context, output) =>
            (await import('../commands/predict.ts')).predict(ref, images, options, context, output, profile),
          { predictsOnly: true },
        ),
      ),
    );

  program
    .command('predict-batch <ref> <source>')
    .description(
      'predict many images: a folder, a data set, inputs/PREFIX of the store, or s3://BUCKET/PREFIX; writes one JSON line ' +
        'per image',
    )
    .requiredOption('--out <file>', 'where the JSON Lines go')
    .option('--top <k>', 'labels per image', wholeNumber, 3)
    .option('--threshold <probability>', 'leave out less probable labels', share)
    .option('--abstain <probability>', 'predict nothing for an image if no label reaches it', share)
    .option('--precision <share>', 'predict nothing that is right less often, by held-out images: at most 0.99', share)
    .action((ref, source, options) =>
      inContext(async (context, output) =>
        (await import('../commands/predict-batch.ts')).predictBatch(ref, source, options, context, output),
      ),
    );
}
