import { z } from 'zod';

/** Events of Chromium's trace format, as far as tasks need them. `dur` is in microseconds. */
const Trace = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      ph: z.string(),
      pid: z.int(),
      tid: z.int(),
      dur: z.number().optional(),
      args: z.looseObject({ name: z.unknown() }).partial().optional(),
    }),
  ),
});

const TASKS = ['RunTask', 'ThreadControllerImpl::RunTask'];

/**
 * The longest task of the main threads of a trace's pages. Only pages have threads of that name.
 * @param trace JSON, as `Browser.stopTracing()` returns it
 * @returns milliseconds
 * @throws Error for a trace without tasks
 */
export function longestTask(trace: Uint8Array): number {
  const { traceEvents } = Trace.parse(JSON.parse(new TextDecoder().decode(trace)));
  const isMain = new Set(
    traceEvents.flatMap(({ name, pid, tid, args }) =>
      name === 'thread_name' && args?.name === 'CrRendererMain' ? `${pid} ${tid}` : [],
    ),
  );
  const tasks = traceEvents.filter(({ name, ph, pid, tid }) => ph === 'X' && TASKS.includes(name) && isMain.has(`${pid} ${tid}`));
  if (tasks.length === 0) throw new Error('the trace has no task of a page');
  return tasks.reduce((longest, { dur = 0 }) => Math.max(longest, dur), 0) / 1000;
}
