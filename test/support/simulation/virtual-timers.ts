import { vi } from 'vitest';
import { type Actor, runningProcess, type Scheduler } from './scheduler.ts';

interface Process {
  readonly actor: Actor;
  readonly scheduler: Scheduler;
}

/** A timer of a process: it runs on virtual time, and dies with its process. */
class VirtualTimer {
  #isOn = true;

  static start({ actor, scheduler }: Process, call: () => void, milliseconds: number, repeats: boolean): VirtualTimer {
    const timer = new VirtualTimer();
    const run = async () => {
      do {
        await scheduler.sleep(actor, milliseconds);
        if (timer.#isOn) call();
      } while (timer.#isOn && repeats);
    };
    void run();
    return timer;
  }

  stop(): void {
    this.#isOn = false;
  }

  unref(): this {
    return this;
  }
}

/** Gives the processes of a simulation timers of virtual time. Other code of the test file keeps the real ones. */
export function useVirtualTimers(): void {
  const real = { setInterval, setTimeout, clearInterval, clearTimeout };
  const start = (name: 'setInterval' | 'setTimeout') => (call: () => void, milliseconds: number) => {
    const process = runningProcess();
    return process === undefined
      ? real[name](call, milliseconds)
      : VirtualTimer.start(process, call, milliseconds, name === 'setInterval');
  };
  const stop = (name: 'clearInterval' | 'clearTimeout') => (timer: VirtualTimer | NodeJS.Timeout | undefined) =>
    timer instanceof VirtualTimer ? timer.stop() : real[name](timer);
  vi.stubGlobal('setInterval', start('setInterval'));
  vi.stubGlobal('setTimeout', start('setTimeout'));
  vi.stubGlobal('clearInterval', stop('clearInterval'));
  vi.stubGlobal('clearTimeout', stop('clearTimeout'));
}
