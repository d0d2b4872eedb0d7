#!/usr/bin/env node
/**
 * The graft command. An older Node must be able to read the imports of this file, so that it can print what is wrong;
 * everything else is loaded afterwards.
 */
import { errorJson } from '../lib/errors.ts';
import { requireNode } from './require-node.ts';

/** Exit status of a command that SIGHUP ended, as in shells. */
const HUNG_UP = 129;
/** Errors of standard error after which the work goes on. */
const UNWRITTEN_LOG: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EPIPE']);

/**
 * node:sqlite warns at every start that it is experimental, which does not help a user; the same holds for child
 * processes.
 */
function silenceExperimental(): void {
  const printers = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') for (const print of printers) print(warning);
  });
  const flag = '--disable-warning=ExperimentalWarning';
  if (!process.execArgv.includes(flag)) process.execArgv.push(flag);
}

async function start(args: readonly string[]): Promise<number> {
  try {
    requireNode(process.versions.node);
  } catch (error) {
    const known = errorJson(error);
    if (args.includes('--json')) process.stdout.write(`${JSON.stringify({ error: known })}\n`);
    else process.stderr.write(`error: ${known.message}\n`);
    return 1;
  }
  silenceExperimental();
  const { run } = await import('./run.ts');
  return run(args, process.env);
}

/**
 * A reader of the result that closes the pipe, such as `head`, ends the command without an error. Closing the terminal
 * ends it like SIGHUP.
 */
function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EIO' && stream.isTTY) process.exit(HUNG_UP);
      // The work goes on if its log cannot be written, because the disk is full or nobody reads it any more.
      if (stream === process.stderr && UNWRITTEN_LOG.has(error.code)) return;
      if (error.code !== 'EPIPE') throw error;
      process.exit();
    });
  }
}

endWithReader();
process.exitCode = await start(process.argv.slice(2));
