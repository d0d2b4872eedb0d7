import { z } from 'zod';

/** Events of Chromium's trace format, as far as tasks need them. `dur` is in microseconds, `tdur` in those of the CPU. */
const Trace = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      ph: z.string(),
      pid: z.int(),
      tid: z.int(),
      dur: z.number().optional(),
      tdur: z.number().optional(),
      args: z.looseObject({ name: z.unknown() }).partial().optional(),
    }),
  ),
});

const TASKS = ['RunTask', 'ThreadControllerImpl::RunTask'];

export interface LongestTask {
  /** Of the task that took the longest on the clock. */
  readonly milliseconds: number;
  /** Of the task that took the most of the CPU: other programs do not make it longer. */
  readonly cpuMilliseconds: number;
}

/**
 * The longest task of the main threads of a trace's pages. Only pages have threads of that name.
 * @param trace JSON, as `Browser.stopTracing()` returns it
 * @throws Error for a trace without tasks
 */
export function longestTask(trace: Uint8Array): LongestTask {
  const { traceEvents } = Trace.parse(JSON.parse(new TextDecoder().decode(trace)));
  const isMain = new Set(
    traceEvents.flatMap(({ name, pid, tid, args }) =>
      name === 'thread_name' && args?.name === 'CrRendererMain' ? `${pid} ${tid}` : [],
    ),
  );
  const tasks = traceEvents.filter(({ name, ph, pid, tid }) => ph === 'X' && TASKS.includes(name) && isMain.has(`${pid} ${tid}`));
  if (tasks.length === 0) throw new Error('the trace has no task of a page');
  const most = (times: readonly (number | undefined)[]) => times.reduce<number>((max, time = 0) => Math.max(max, time), 0) / 1000;
  return { milliseconds: most(tasks.map(({ dur }) => dur)), cpuMilliseconds: most(tasks.map(({ tdur }) => tdur)) };
}
