import type { Command } from 'commander';
import { decimal } from '../option-values.ts';
import type { CommandRunner } from './command-runner.ts';

export function addBackboneCommands(program: Command, { inContext }: CommandRunner): void {
  program.commandsGroup('Backbones:');

  program
    .command('backbones [name]')
    .description('list the backbones, or show where one may be cut')
    .option('--alpha <multiplier>', 'width multiplier, in the families that have one', decimal)
    .action((name, options) =>
      inContext(async (context, output) => {
        const { backbone, backbones } = await import('../commands/backbones.ts');
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
      inContext(async (context, output) => (await import('../commands/weights.ts')).pull(name, options, context, output)),
    );

  weights
    .command('import <file>')
    .description('take a weight file of your own: .h5, .weights.h5, .keras or .safetensors')
    .requiredOption('--backbone <name>', 'the backbone that it is for')
    .option('--alpha <multiplier>', 'width multiplier, in the families that have one', decimal)
    .action((file, options) =>
      inContext(async (context, output) => (await import('../commands/weights.ts')).importFile(file, options, context, output)),
    );
}
