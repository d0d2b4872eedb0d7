/**
 * Details of a failure that a user may see. Its `code` is stable and documented (docs/errors.md). The message says what
 * is wrong, what was expected, what was received, and how to fix it. `retryable` tells a dispatcher whether another
 * attempt can help.
 */
export interface ErrorDetail {
  /** Location: a path in a spec (`backbone.inputSize`), a file, or a key. */
  readonly at?: string;
  readonly expected?: string;
  readonly received?: unknown;
  /** Number of elements that `received` omits, if it is the first part of a list. */
  readonly omitted?: number;
  /** The fix, as an instruction. */
  readonly fix?: string;
  readonly cause?: unknown;
  readonly retryable?: boolean;
}
