import type { Context } from '../context.ts';
import { keepWorker } from '../keep-worker.ts';
import { createImports, type Imports } from './imports.ts';

/** What the tools of one connection share. */
export interface Session {
  readonly context: Context;
  /** Whether tools that change something are offered. */
  readonly allowChanges: boolean;
  /** Imports that this connection started. */
  readonly imports: Imports;
  /** Returns a function for a call that waits for a job, as keepWorker does. A read-only session starts no worker. */
  readonly keepWorker: () => () => void;
}

/** @param closed aborted when the connection ends; ends running imports */
export function createSession(context: Context, allowChanges: boolean, closed: AbortSignal): Session {
  return {
    context,
    allowChanges,
    imports: createImports(context, closed),
    keepWorker: () => (allowChanges ? keepWorker(context) : () => {}),
  };
}
