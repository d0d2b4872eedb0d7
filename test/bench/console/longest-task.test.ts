import { expect, it } from 'vitest';
import { longestTask } from './longest-task.ts';

const traceOf = (traceEvents: readonly object[]) => new TextEncoder().encode(JSON.stringify({ traceEvents }));
const thread = (tid: number, name: string) => ({ name: 'thread_name', ph: 'M', pid: 1, tid, args: { name } });
const task = (tid: number, dur: number, name = 'RunTask') => ({ name, ph: 'X', pid: 1, tid, dur, tdur: dur / 2 });

it('finds the longest task of the main thread, among other events and other threads', () => {
  const events = [
    task(7, 80_000),
    thread(7, 'CrRendererMain'),
    thread(8, 'Compositor'),
    task(8, 900_000),
    task(7, 120_500, 'ThreadControllerImpl::RunTask'),
    task(7, 500_000, 'FunctionCall'),
  ];
  expect(longestTask(traceOf(events))).toEqual({ milliseconds: 120.5, cpuMilliseconds: 60.25 });
});

it('does not take a trace without tasks for a fast page', () => {
  expect(() => longestTask(traceOf([thread(7, 'CrRendererMain'), task(8, 10)]))).toThrow('no task');
});
