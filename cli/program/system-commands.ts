import { Argument, type Command } from 'commander';
import { withCdkApp } from '../aws/cdk-app.ts';
import { wholeNumber } from '../option-values.ts';
import type { CommandRunner } from './command-runner.ts';

const NAME: [string, string, string] = [
  '--name <name>',
  'prefix of all resource names, different for each deployment in an account',
  'graft',
];

function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

export function addSystemCommands(program: Command, { alone, inContext }: CommandRunner): void {
  program.commandsGroup('The system:');

  program
    .command('dev')
    .description('run the whole system on this machine: console, API, queues and worker')
    .option('--port <number>', 'port of the console and the API', wholeNumber, 4400)
    .option('--host <address>', 'address to listen on; all addresses but loopback need a token', '127.0.0.1')
    .option('--allowed-host <name>', 'a host name to accept in requests; repeat it for more names', collect)
    .action((options) => alone(async (output) => (await import('../commands/dev.ts')).dev(options, output)));

  program
    .command('console')
    .description('serve the console of a deployment, or of GRAFT_API, on this machine alone')
    .option('--port <number>', 'port of the console', wholeNumber, 4401)
    .action((options) =>
      alone(async (output, { remote }) => (await import('../commands/console.ts')).consolePage({ ...options, remote }, output)),
    );

  program
    .command('mcp')
    .description('serve data sets, training and models to an agent, over the Model Context Protocol on stdin and stdout')
    .option('--allow-changes', 'also offer the tools that import, train, cancel, promote and set retention')
    .action((options) =>
      inContext(async (context, output) => (await import('../commands/mcp.ts')).mcp(options, context, output), {
        keepsPredictions: options.allowChanges === true,
      }),
    );

  program
    .command('deploy')
    .description('deploy the whole system to your AWS account, or update it')
    .option(...NAME)
    .option('--no-gpu', 'deploy no GPU machines')
    .option('--set <setting...>', 'settings as KEY=VALUE: see docs/deploy.md')
    .action((options) =>
      alone(async (output) => (await withCdkApp(() => import('../commands/deploy.ts'))).deploy(options, output)),
    );

  program
    .command('destroy')
    .description('remove a deployment; images and models stay')
    .option(...NAME)
    .option('--delete-data', 'also delete images and models, for good, after you type the name of the deployment')
    .option('--yes', 'delete data without asking')
    .action((options) =>
      alone(async (output) => (await withCdkApp(() => import('../commands/destroy.ts'))).destroy(options, output)),
    );

  program
    .command('doctor')
    .description('check the requirements of a deployment')
    .action(() => alone(async (output) => (await withCdkApp(() => import('../commands/doctor.ts'))).doctor(output)));

  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'bash, zsh or fish').choices(['bash', 'zsh', 'fish']))
    .description('print a completion script for bash, zsh or fish')
    .action((shell) => alone(async (output) => (await import('../commands/completion.ts')).completion(shell, program, output)));
}
