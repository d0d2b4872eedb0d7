import { mkdir, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { join } from 'node:path';

/** An event of Chrome's trace format; times are microseconds since the start of the process. */
interface TraceEvent {
  readonly name: string;
  /** X: takes `dur`; i: an instant; M: names a row. */
  readonly ph: 'X' | 'i' | 'M';
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  /** Of an instant: as high as its row. */
  readonly s?: 't';
  readonly args: object;
}

/** The rows of the timeline. */
const ROWS = ['stages', 'steps', 'log'] as const;
export type ProfileRow = (typeof ROWS)[number];

/** A CPU profile of this thread, and a timeline of what it did. */
export interface Profile {
  /** Adds what took from `start` until now, both as performance.now(). */
  span(row: ProfileRow, name: string, start: number, args?: object): void;
  /** Adds an instant. */
  mark(row: ProfileRow, name: string, args?: object): void;
  /**
   * Writes NAME.cpuprofile and then NAME.trace.json, which Chrome's tools open.
   * @returns the paths of both
   */
  finish(): Promise<readonly [string, string]>;
}

/**
 * Starts to profile this thread. The inspector samples the stack every millisecond, which slows it down by a few
 * percent.
 * @param folder is created
 * @param name of the files, without extension
 */
export async function startProfile(folder: string, name: string): Promise<Profile> {
  await mkdir(folder, { recursive: true });
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  const events: TraceEvent[] = ROWS.map((row, tid) => ({
    name: 'thread_name',
    ph: 'M',
    ts: 0,
    pid: process.pid,
    tid,
    args: { name: row },
  }));
  const at = (row: ProfileRow, milliseconds: number) => ({
    ts: milliseconds * 1000,
    pid: process.pid,
    tid: ROWS.indexOf(row),
  });
  return {
    span(row, label, start, args = {}) {
      events.push({ name: label, ph: 'X', ...at(row, start), dur: (performance.now() - start) * 1000, args });
    },
    mark(row, label, args = {}) {
      events.push({ name: label, ph: 'i', ...at(row, performance.now()), s: 't', args });
    },
    async finish() {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      const paths = [join(folder, `${name}.cpuprofile`), join(folder, `${name}.trace.json`)] as const;
      await writeFile(paths[0], JSON.stringify(profile));
      await writeFile(paths[1], JSON.stringify({ traceEvents: events, displayTimeUnit: 'ms' }));
      return paths;
    },
  };
}
