import { readFile } from 'node:fs/promises';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';
import { z } from 'zod';
import { SpecError, UsageError } from '../../lib/errors.ts';

const Members = z.looseObject({}).optional();
/** The members of a spec that this command needs itself, or merges flags into; the API validates the others. */
const SpecFile = z.looseObject({
  name: z.string().optional(),
  dataset: z.string().optional(),
  backbone: Members,
  training: Members,
  compute: Members,
});
export type SpecFile = z.infer<typeof SpecFile>;

/**
 * Reads a job spec as `graft init` writes it. @throws UsageError FILE_UNREADABLE; SpecError JSON_INVALID, SPEC_EXPECTED
 */
export async function readSpecFile(path: string): Promise<SpecFile> {
  const value = await readJsonc(path);
  const parsed = SpecFile.safeParse(value);
  if (parsed.success) return parsed.data;
  const member = parsed.error.issues[0]?.path.join('.');
  throw new SpecError('SPEC_EXPECTED', {
    at: member ? `${path}: ${member}` : path,
    expected: 'an object with the members of a job spec',
    received: value,
    fix: 'start from the file that graft init writes, and see docs/job-spec.md',
  });
}

/** Reads JSON with comments and trailing commas. @throws UsageError FILE_UNREADABLE; SpecError JSON_INVALID */
export async function readJsonc(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new UsageError('FILE_UNREADABLE', {
      at: path,
      expected: 'a readable file',
      received: cause.code,
      fix: 'check the path',
      cause,
    });
  });
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error === undefined) return value;
  throw new SpecError('JSON_INVALID', {
    at: `${path}:${lineAndColumn(error.offset, text)}`,
    expected: 'JSON, with or without comments',
    received: describe(error),
    fix: 'correct the file at this position',
  });
}

/** Line and column, both from 1, as in editors. */
function lineAndColumn(offset: number, text: string): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

/** `CommaExpected` as `comma expected`. */
function describe({ error }: ParseError): string {
  return printParseErrorCode(error)
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`)
    .toLowerCase();
}
