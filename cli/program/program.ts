import { Command } from 'commander';
import { version } from '../../lib/contracts/version.ts';
import { addBackboneCommands } from './backbone-commands.ts';
import type { CommandRunner } from './command-runner.ts';
import { addDatasetCommands } from './dataset-commands.ts';
import { addModelCommands } from './model-commands.ts';
import { addSystemCommands } from './system-commands.ts';
import { addTrainingCommands } from './training-commands.ts';

/** The command line: every command with what it takes. What it does is in commands/. */
export function createProgram(acts: CommandRunner, { json }: { json: boolean }): Command {
  const program = new Command('graft')
    .description('Serverless transfer learning: labelled images in, a served model out.')
    .version(json ? JSON.stringify({ version }, null, 2) : version, '--version', 'print the version of Graft')
    .option('--json', 'print exactly one JSON document')
    .option('--remote', 'send the requests to the deployment that graft deploy made')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({ writeErr: (text) => void (json || process.stderr.write(text)) });
  addDatasetCommands(program, acts);
  addTrainingCommands(program, acts);
  addModelCommands(program, acts);
  addBackboneCommands(program, acts);
  addSystemCommands(program, acts);
  for (const command of runnableCommands(program)) acceptEverywhere(command);
  return program;
}

/** The commands that do something. */
export function runnableCommands(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(runnableCommands);
}

/** --json and --remote may stand after any command. */
function acceptEverywhere(command: Command): void {
  command
    .option('--json', 'print exactly one JSON document')
    .option('--remote', 'send the requests to the deployment that graft deploy made');
}
