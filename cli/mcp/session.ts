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
  /** Starts a worker if a job waits for one. Does nothing in a read-only session. */
  readonly lookAfterWorker: () => void;
}

/** @param closed aborted when the connection ends; ends running imports */
export function createSession(context: Context, allowChanges: boolean, closed: AbortSignal): Session {
  return {
    context,
    allowChanges,
    imports: createImports(context, closed),
    lookAfterWorker: allowChanges ? keepWorker(context) : () => {},
  };
}
