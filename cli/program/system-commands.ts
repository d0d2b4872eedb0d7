import { Argument, type Command } from 'commander';
import { wholeNumber } from '../option-values.ts';
import type { Acts } from './acts.ts';

export function addSystemCommands(program: Command, { alone }: Acts): void {
  program.commandsGroup('The system:');

  program
    .command('dev')
    .description('run the whole system on this machine')
    .option('--port <number>', 'port of the API', wholeNumber, 4400)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .action((options) => alone(async (output) => (await import('../commands/dev.ts')).dev(options, output)));

  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish']))
    .description('print a script with which a shell completes commands, flags and names of backbones')
    .action((shell) => alone(async (output) => (await import('../commands/completion.ts')).completion(shell, program, output)));
}
