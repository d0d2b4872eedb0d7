import { setImmediate as settle } from 'node:timers/promises';
import { randomStream } from '../../../lib/random.ts';

/** A process of the simulation: it may die between any two of its awaits. */
export interface Actor {
  readonly name: string;
  alive: boolean;
  /** How often it is chosen: some are slow for a while, so that others get far between two of its awaits. */
  weight: number;
}

const WEIGHTS = [1, 1, 0.1, 0.01];
/** How often a process gets another weight, 0..1 a step. */
const REWEIGHED = 0.05;

interface Waiting {
  readonly actor: Actor;
  readonly go: () => void;
}

/** A request on its way: it is carried out some time, whatever becomes of its sender, and before `deadline`. */
interface Request {
  readonly deadline: number;
  readonly carryOut: () => void;
}

interface Timer extends Waiting {
  readonly at: number;
}

/** The process whose code runs. */
let running: { readonly actor: Actor; readonly scheduler: Scheduler } | undefined;

/** The process whose code runs; undefined outside of a simulation. */
export function runningProcess(): typeof running {
  return running;
}

/**
 * Runs processes by turns: each waits at every await until it is chosen, by a seeded random stream. Time is virtual,
 * and passes only when the scheduler lets it.
 */
export class Scheduler {
  now = Date.parse('2030-01-01T00:00:00Z');
  steps = 0;
  readonly #random;
  #waiting: Waiting[] = [];
  #requests: Request[] = [];
  #timers: Timer[] = [];
  /** Until when processes do nothing. */
  readonly #suspended = new Map<Actor, number>();

  constructor(seed: number) {
    this.#random = randomStream(seed, 'schedule');
  }

  /** 0..1 */
  draw(): number {
    return this.#random.next();
  }

  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.draw() * items.length)];
  }

  drawWeight(): number {
    return this.pick(WEIGHTS) ?? 1;
  }

  /** The actor goes on when it is chosen; one that has died never does, and a suspended one does later. */
  turn(actor: Actor): Promise<void> {
    return new Promise((resolve) => {
      if (!actor.alive) return;
      const at = this.#suspended.get(actor) ?? this.now;
      if (at > this.now) this.#timers.push({ actor, at, go: resolve });
      else this.#waiting.push({ actor, go: resolve });
    });
  }

  /** Carries a request out some time before so many seconds are over. */
  send<Result>(carryOut: () => Result, withinSeconds: number): Promise<Result> {
    return new Promise((resolve, reject) => {
      const attempt = () => {
        try {
          resolve(carryOut());
        } catch (error) {
          reject(error);
        }
      };
      this.#requests.push({ deadline: this.now + withinSeconds * 1000, carryOut: attempt });
    });
  }

  sleep(actor: Actor, milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      if (actor.alive) this.#timers.push({ actor, at: this.now + milliseconds, go: resolve });
    });
  }

  /** Lets time pass. What was sent is carried out before its time is over. */
  async advance(milliseconds: number): Promise<void> {
    const until = this.now + milliseconds;
    for (;;) {
      const next = this.#requests.filter(({ deadline }) => deadline <= until).sort((a, b) => a.deadline - b.deadline)[0];
      if (next === undefined) break;
      this.now = Math.max(this.now, next.deadline);
      await this.#carryOut(next);
    }
    this.now = until;
    const due = this.#timers.filter(({ at }) => at <= until);
    this.#timers = this.#timers.filter(({ at }) => at > until);
    this.#waiting.push(...due);
  }

  /**
   * A process that does nothing for a while and then goes on: it was suspended, or collects its own garbage. Its timers
   * that are due meanwhile fire then, too, and the answers to its requests wait for it.
   */
  suspend(actor: Actor, milliseconds: number): void {
    const at = this.now + milliseconds;
    this.#suspended.set(actor, Math.max(at, this.#suspended.get(actor) ?? at));
    const isOwn = (waiting: Waiting) => waiting.actor === actor;
    this.#timers = this.#timers.map((timer) => (isOwn(timer) ? { ...timer, at: Math.max(timer.at, at) } : timer));
    this.#timers.push(...this.#waiting.filter(isOwn).map((waiting) => ({ ...waiting, at })));
    this.#waiting = this.#waiting.filter((waiting) => !isOwn(waiting));
  }

  kill(actor: Actor): void {
    actor.alive = false;
    this.#waiting = this.#waiting.filter((waiting) => waiting.actor !== actor);
    this.#timers = this.#timers.filter((timer) => timer.actor !== actor);
  }

  /** Lets one process or request go on. @returns false where all wait for time to pass */
  async step(): Promise<boolean> {
    const choices = this.#waiting.length + this.#requests.length;
    if (choices === 0) return false;
    this.steps++;
    const total = this.#waiting.reduce((sum, { actor }) => sum + actor.weight, 0) + this.#requests.length;
    let left = this.draw() * total;
    for (const [place, { actor, go }] of this.#waiting.entries()) {
      left -= actor.weight;
      if (left >= 0) continue;
      this.#waiting.splice(place, 1);
      if (this.draw() < REWEIGHED) actor.weight = this.drawWeight();
      running = { actor, scheduler: this };
      go();
      await settle();
      running = undefined;
      return true;
    }
    const request = this.#requests[Math.floor(left)] ?? this.#requests[0];
    if (request !== undefined) await this.#carryOut(request);
    return true;
  }

  /** Milliseconds until the next timer; undefined where there is none. */
  untilNextTimer(): number | undefined {
    const next = Math.min(...this.#timers.map(({ at }) => at));
    return Number.isFinite(next) ? next - this.now : undefined;
  }

  async #carryOut(request: Request): Promise<void> {
    this.#requests.splice(this.#requests.indexOf(request), 1);
    request.carryOut();
    await settle();
  }
}
