/**
 * Loaded before a program (`node --import`): its clock differs from the machine's by the seconds in the file
 * GRAFT_DRILL_CLOCK, which may change at any time. Timers do not change, as when somebody sets the clock of a machine.
 */
import { readFileSync } from 'node:fs';

const MachineDate = Date;
const file = process.env.GRAFT_DRILL_CLOCK ?? '';
/** How often it reads the file, in milliseconds. */
const READ_EVERY_MS = 20;

let readAt = Number.NEGATIVE_INFINITY;
let seconds = 0;

function now(): number {
  if (performance.now() - readAt > READ_EVERY_MS) {
    readAt = performance.now();
    seconds = Number(readFileSync(file, 'utf8'));
  }
  return MachineDate.now() + seconds * 1000;
}

globalThis.Date = new Proxy(MachineDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new Date().toString(),
  get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
});
