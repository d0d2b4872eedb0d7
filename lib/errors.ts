import { boundError } from './contracts/bound-error.ts';

/**
 * Every failure that a user may see. `code` is stable and documented (docs/errors.md); the message says what is wrong,
 * what was expected, what came, and how to fix it. `retryable` tells a dispatcher whether another attempt can help.
 */
export interface ErrorDetail {
  /** Where: a path into a spec (`backbone.inputSize`), a file, a key. */
  readonly at?: string;
  readonly expected?: string;
  readonly received?: unknown;
  /** How many elements `received` lacks, where it is the first part of a list. */
  readonly omitted?: number;
  /** What the user can do, as an instruction. */
  readonly fix?: string;
  readonly cause?: unknown;
  readonly retryable?: boolean;
}

export class GraftError extends Error {
  override readonly name: string = 'GraftError';
  readonly code: string;
  readonly title: string;
  readonly at: string | undefined;
  readonly expected: string | undefined;
  readonly received: unknown;
  readonly omitted: number;
  readonly fix: string | undefined;
  readonly retryable: boolean;

  constructor(code: string, detail: ErrorDetail = {}) {
    super(describe(code, detail), detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.title = titleOf(code);
    this.at = detail.at;
    this.expected = detail.expected;
    this.received = detail.received;
    this.omitted = detail.omitted ?? 0;
    this.fix = detail.fix;
    this.retryable = detail.retryable ?? false;
  }
}

/** The request or the spec is wrong: HTTP 400, exit status 1. */
export class SpecError extends GraftError {
  override readonly name = 'SpecError';
}

/** The command line is wrong: exit status 2. */
export class UsageError extends GraftError {
  override readonly name = 'UsageError';
}

/** The images, labels or weights that were given cannot be used: HTTP 422. */
export class DataError extends GraftError {
  override readonly name = 'DataError';
}

/** What was named does not exist: HTTP 404. */
export class NotFoundError extends GraftError {
  override readonly name = 'NotFoundError';
}

/** Somebody else was first, or the state does not allow it: HTTP 409 (412 for a failed precondition). */
export class ConflictError extends GraftError {
  override readonly name = 'ConflictError';
}

/** The caller may not do this, or the signature is not valid: HTTP 403. */
export class ForbiddenError extends GraftError {
  override readonly name = 'ForbiddenError';
}

/** No room, no time, no machine: HTTP 429, 503 or 507; mostly worth another attempt. */
export class CapacityError extends GraftError {
  override readonly name = 'CapacityError';
}

/** A store, queue, runtime or process that we depend on failed: HTTP 500. */
export class RuntimeError extends GraftError {
  override readonly name = 'RuntimeError';
}

/** The JSON form of an error: the `error` object of the command, and the members of problem+json. */
export interface ErrorJson {
  code: string;
  message: string;
  at?: string;
  expected?: string;
  received?: unknown;
  /** Present where `received` is the first part of a list. */
  omitted?: number;
  fix?: string;
}

/** An error for records, logs and answers: never large, see boundError(). */
export function errorJson(error: unknown): ErrorJson {
  return boundError(wholeErrorJson(error));
}

/** The same with all that was received, however much that is: for a file or a terminal, where nothing else has to fit. */
export function wholeErrorJson(error: unknown): ErrorJson {
  const known = asGraftError(error);
  return {
    code: known.code,
    message: known.message,
    ...(known.at !== undefined && { at: known.at }),
    ...(known.expected !== undefined && { expected: known.expected }),
    ...(known.received !== undefined && { received: known.received }),
    ...(known.omitted > 0 && { omitted: known.omitted }),
    ...(known.fix !== undefined && { fix: known.fix }),
  };
}

/** Any thrown value as one of ours; what we did not foresee becomes `INTERNAL` and keeps its cause. */
export function asGraftError(error: unknown): GraftError {
  if (error instanceof GraftError) return error;
  const errorText = error instanceof Error ? error.message : String(error);
  return new RuntimeError('INTERNAL', {
    expected: 'no failure',
    received: errorText,
    cause: error,
    fix: 'report this with the log of the run',
  });
}

function describe(code: string, { at, expected, received, omitted = 0, fix }: ErrorDetail): string {
  const where = at === undefined ? '' : ` at ${at}`;
  const wanted = expected === undefined ? '' : `expected ${expected}`;
  const got = received === undefined ? '' : `received ${show(received, omitted)}`;
  const what = [wanted, got].filter(Boolean).join(', ');
  // Some fixes are questions: did you mean this?
  const hint = fix === undefined ? '' : `Fix: ${fix}${fix.endsWith('?') ? '' : '.'}`;
  // After a list of files a line begins.
  if (what.endsWith('\n')) return `${titleOf(code)}${where}: ${what}${hint}`.trimEnd();
  return `${titleOf(code)}${where}${what && `: ${what}`}.${hint && ` ${hint}`}`;
}

/** What is said of a file, as a sentence. */
function ofFile(value: unknown): string | undefined {
  const { path, message } = (value ?? {}) as { path?: unknown; message?: unknown };
  return typeof path === 'string' && typeof message === 'string' ? `${path}: ${message}` : undefined;
}

/** Elements of a list that a message names, and files, which have a line each; the error's JSON has all. */
const SHOWN = 5;
const FILES_SHOWN = 20;

function titleOf(code: string): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param omitted elements that a list has besides */
function show(value: unknown, omitted = 0): string {
  const files = Array.isArray(value) ? value.flatMap((one) => ofFile(one) ?? []) : [];
  if (Array.isArray(value) && files.length > 0 && files.length === value.length) return showFiles(files, omitted);
  if (Array.isArray(value) && value.length > SHOWN)
    return `${value
      .slice(0, SHOWN)
      .map((one) => show(one))
      .join(', ')} and ${value.length + omitted - SHOWN} more`;
  const text = typeof value === 'string' ? value : (ofFile(value) ?? JSON.stringify(value) ?? String(value));
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
}

function showFiles(files: readonly string[], omitted: number): string {
  const count = files.length + omitted;
  const lines = files.slice(0, FILES_SHOWN).map((line) => `  ${line.replaceAll('\n', ' ')}\n`);
  const more = count > FILES_SHOWN ? `  and ${count - FILES_SHOWN} more\n` : '';
  return `${count}:\n${lines.join('')}${more}`;
}
