import { CommanderError } from 'commander';
import { UsageError } from '../lib/errors.ts';
import { openContext } from './context.ts';
import { ImportDetached } from './import-detached.ts';
import { createOutput, EXIT, type Output, reportError } from './output.ts';
import { createProgram } from './program/program.ts';
import { reportMeasurement } from './report-measurement.ts';

/** One call of the command. @returns its exit status */
export async function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const json = args.includes('--json');
  const remote = args.includes('--remote');
  let status: number = EXIT.done;
  const program = createProgram(
    {
      async inContext(act, options) {
        const output = createOutput({ json });
        const context = await openContext(environment, { remote, log: reportMeasurement(output), ...options });
        try {
          status = await act(context, output);
        } finally {
          await context.close();
        }
      },
      async alone(act) {
        status = await act(createOutput({ json }), { remote });
      },
    },
    { json },
  );
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof ImportDetached) return reportDetached(error, args, createOutput({ json }));
    return error instanceof CommanderError ? usage(error, json) : reportError(error, { json });
  }
}

function reportDetached({ id }: ImportDetached, args: readonly string[], output: Output): number {
  const command = `graft ${args.map(shellWord).join(' ')}`;
  output.note(`The import goes on; no job was submitted. To come back, repeat the command:\n  ${command}`);
  output.script({ upload: id, state: 'IMPORTING' }, '');
  return EXIT.detached;
}

/** An argument as it can be typed into a shell. */
function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** What commander says of a wrong command line; asking for help is no error. */
function usage(error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return EXIT.done;
  if (json) {
    const known = new UsageError('USAGE', {
      expected: 'a valid command line',
      // Instead of an error, commander prints the help.
      received: error.code === 'commander.help' ? 'no command' : error.message.replace(/^error: |\.$/g, ''),
      fix: 'see graft --help',
    });
    reportError(known, { json });
  }
  return EXIT.usage;
}
