import type { OnnxSession } from '../onnx/onnx-session.ts';

/** A session that measures how long its caller waits for it. */
export interface TimedSession extends OnnxSession {
  /** Returns the seconds of all runs since the last call. */
  takeSeconds(): number;
}

/** Measures the runs of a session, from the call to the result. */
export function timeRuns(session: OnnxSession): TimedSession {
  let milliseconds = 0;
  return {
    ...session,
    async run(...asked) {
      const start = performance.now();
      try {
        return await session.run(...asked);
      } finally {
        milliseconds += performance.now() - start;
      }
    },
    takeSeconds() {
      const taken = milliseconds / 1000;
      milliseconds = 0;
      return taken;
    },
  };
}
