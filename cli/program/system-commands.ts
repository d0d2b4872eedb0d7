import { Argument, type Command } from 'commander';
import { wholeNumber } from '../option-values.ts';
import type { CommandRunner } from './command-runner.ts';

const NAME: [string, string, string] = [
  '--name <name>',
  'begins the names of all parts; two deployments of one account differ in it',
  'graft',
];

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

export function addSystemCommands(program: Command, { alone }: CommandRunner): void {
  program.commandsGroup('The system:');

  program
    .command('dev')
    .description('run the whole system on this machine')
    .option('--port <number>', 'port of the API', wholeNumber, 4400)
    .option('--host <address>', 'address to listen on; any but loopback needs a token', '127.0.0.1')
    .option('--allowed-host <name>', 'a name under which requests may ask for it; may be repeated', collect)
    .action((options) => alone(async (output) => (await import('../commands/dev.ts')).dev(options, output)));

  program
    .command('deploy')
    .description('put the whole system into your AWS account')
    .option(...NAME)
    .option('--no-gpu', 'without the machines for large jobs')
    .option('--set <setting...>', 'settings as KEY=VALUE: see docs/deploy.md')
    .action((options) => alone(async (output) => (await import('../commands/deploy.ts')).deploy(options, output)));

  program
    .command('destroy')
    .description('remove it; images and models stay')
    .option(...NAME)
    .option('--delete-data', 'delete images and models too, for good, once the name of the deployment was typed')
    .option('--yes', 'delete data without asking')
    .action((options) => alone(async (output) => (await import('../commands/destroy.ts')).destroy(options, output)));

  program
    .command('doctor')
    .description('look at all that a deployment needs')
    .action(() => alone(async (output) => (await import('../commands/doctor.ts')).doctor(output)));

  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish']))
    .description('print a script with which a shell completes commands, flags and names of backbones')
    .action((shell) => alone(async (output) => (await import('../commands/completion.ts')).completion(shell, program, output)));
}
