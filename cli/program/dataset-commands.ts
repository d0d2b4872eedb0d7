import type { Command } from 'commander';
import { share, wholeNumber } from '../option-values.ts';
import type { CommandRunner } from './command-runner.ts';

export function addDatasetCommands(program: Command, { inContext }: CommandRunner): void {
  program.commandsGroup('Images:');

  program
    .command('upload <path>')
    .description(
      'upload labelled images: a folder of class folders, a zip or tar of it, or a manifest; images at s3://BUCKET/PREFIX ' +
        'stay in S3',
    )
    .option('--name <name>', 'name of the data set; default: the name of the path')
    .option('--max-refused <share>', 'largest share of unusable files; with more, nothing is imported', share, 0.05)
    .action((path, options) =>
      inContext(async (context, output) => (await import('../commands/upload.ts')).upload(path, options, context, output)),
    );

  program
    .command('datasets')
    .description('list the data sets')
    .option('--limit <number>', 'the most data sets to list; default: all', wholeNumber)
    .action((options) =>
      inContext(async (context, output) => (await import('../commands/datasets.ts')).datasets(options, context, output)),
    );

  program
    .command('dataset <ref>')
    .description('show a data set: NAME, NAME:latest or NAME@sha256-DIGEST')
    .option('--html <file>', 'write the report as an HTML page with thumbnails')
    .action((ref, options) =>
      inContext(async (context, output) => (await import('../commands/datasets.ts')).dataset(ref, options, context, output)),
    );

  program
    .command('dataset-diff <a> <b>')
    .description('compare two versions of a data set image by image')
    .action((a, b) =>
      inContext(async (context, output) => (await import('../commands/datasets.ts')).datasetDiff(a, b, context, output)),
    );
}
