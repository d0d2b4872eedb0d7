import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';

const command = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

/**
 * Runs the command on a data folder as a process of its own, as a user does.
 * @param more additional environment variables
 * @returns its one JSON document
 * @throws Error with the command's output if that is not the expected document
 */
export async function graftCommand<Schema extends z.ZodType>(
  answer: Schema,
  args: readonly string[],
  directory: string,
  more: Readonly<Record<string, string>> = {},
): Promise<z.infer<Schema>> {
  const { GRAFT_API: _, ...environment } = process.env;
  const said = await new Promise<string>((resolve) => {
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', command, ...args, '--json'],
      { env: { ...environment, ...more, GRAFT_DATA_DIR: directory }, maxBuffer: 2 ** 28 },
      (_, stdout, stderr) => resolve(stdout || stderr),
    );
  });
  const parsed = answer.safeParse(parseJson(said));
  if (!parsed.success) throw new Error(`graft ${args.join(' ')}: ${said}`);
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
