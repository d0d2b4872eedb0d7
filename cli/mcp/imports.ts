import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { DatasetReport } from '../../lib/contracts/dataset.ts';
import { isS3Address } from '../../lib/contracts/object-address.ts';
import { type UploadOptions, uploadSource } from '../commands/upload.ts';
import type { Context } from '../context.ts';
import type { Output } from '../output.ts';

/** An import after some seconds: its report, or how far it is. */
export type ImportState = FinishedImport | { readonly progress: string };

interface FinishedImport {
  readonly report: DatasetReport;
  /** When it ended, if that was before this call: the report knows nothing of later changes. */
  readonly endedAt?: string;
}

/** Imports that outlast a call. The next call with the same arguments waits for the same import. */
export interface Imports {
  /**
   * Starts an import, or joins the one that these arguments started and that no call has collected, and waits for at
   * most `seconds`.
   * @throws as uploadSource
   */
  run(path: string, options: UploadOptions, seconds: number, signal: AbortSignal): Promise<ImportState>;
}

interface Running {
  readonly done: Promise<DatasetReport>;
  progress: string;
  endedAt?: string;
}

/** @param closed aborted when the connection ends; the imports then end before their next step */
export function createImports(context: Context, closed: AbortSignal): Imports {
  const running = new Map<string, Running>();
  return {
    async run(path, options, seconds, signal) {
      const key = JSON.stringify([isS3Address(path) ? path : resolve(path), options.name, options.maxRefused]);
      const one = running.get(key) ?? start(path, options);
      running.set(key, one);
      const { endedAt } = one;
      const report = await within(one.done, seconds, signal).catch((error: unknown) => {
        // A cancelled call leaves the import running; a failed import may be tried again.
        if (!signal.aborted) running.delete(key);
        throw error;
      });
      if (report === undefined) return { progress: one.progress };
      running.delete(key);
      return { report, ...(endedAt !== undefined && { endedAt }) };
    },
  };

  function start(path: string, options: UploadOptions): Running {
    const state: Omit<Running, 'done'> = { progress: 'starting' };
    const output = progressOutput((text) => {
      closed.throwIfAborted();
      state.progress = text;
    });
    const done = uploadSource(path, options, context, output).finally(() => {
      state.endedAt = new Date().toISOString();
    });
    // An error that no call waits for is thrown by the next call.
    done.catch(() => undefined);
    return Object.assign(state, { done });
  }
}

/** @returns undefined after `seconds` */
async function within<Result>(result: Promise<Result>, seconds: number, signal: AbortSignal): Promise<Result | undefined> {
  const timer = new AbortController();
  try {
    const late = wait(seconds * 1000, undefined, { signal: AbortSignal.any([signal, timer.signal]) });
    return await Promise.race([result, late]);
  } finally {
    timer.abort();
  }
}

function progressOutput(progress: (text: string) => void): Output {
  const ignore = () => {};
  return {
    progress,
    result: ignore,
    print: ignore,
    heading: ignore,
    script: ignore,
    note: ignore,
    detail: ignore,
    endProgress: ignore,
  };
}
