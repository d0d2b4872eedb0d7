import type { Command } from 'commander';
import { decimal } from '../option-values.ts';
import type { CommandRunner } from './command-runner.ts';

export function addBackboneCommands(program: Command, { inContext }: CommandRunner): void {
  program.commandsGroup('Backbones:');

  program
    .command('backbones [name]')
    .description('list the backbones, or show the layers at which one can be cut')
    .option('--alpha <multiplier>', 'width multiplier, for families that have one', decimal)
    .action((name, options) =>
      inContext(async (context, output) => {
        const { backbone, backbones } = await import('../commands/backbones.ts');
        return name === undefined ? backbones(context, output) : backbone(name, options, output);
      }),
    );

  const weights = program.command('weights').description('download or import weights of backbones');

  weights
    .command('pull <name>')
    .description('download the official ImageNet weights of a backbone, verified; an interrupted download is resumed')
    .option('--alpha <multiplier>', 'width multiplier, for families that have one', decimal)
    .option('--top', 'include the 1000-class top, for `graft predict imagenet.NAME IMAGE`')
    .action((name, options) =>
      inContext(async (context, output) => (await import('../commands/weights.ts')).pull(name, options, context, output)),
    );

  weights
    .command('import <file>')
    .description('import a weight file of your own: .h5, .weights.h5, .keras, .safetensors or EfficientNet-Lite .pth')
    .requiredOption('--backbone <name>', 'the backbone that it is for')
    .option('--alpha <multiplier>', 'width multiplier, for families that have one', decimal)
    .action((file, options) =>
      inContext(async (context, output) => (await import('../commands/weights.ts')).importFile(file, options, context, output)),
    );
}
