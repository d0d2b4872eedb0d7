import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { inTurnOrder } from './interleave.ts';
import { startKeras } from './keras/run-keras.ts';
import type { Sides } from './measure-pairs.ts';
import type { Sample } from './time-work.ts';

const engineScript = new URL('./measure-engine.ts', import.meta.url);
const [BATCH, CLASSES] = [32, 10];
const Step = z.object({ seconds: z.number(), cpuSeconds: z.number() });

/** A process that is ready to compute one batch at a time. */
export interface Stepper {
  step(): Promise<Sample>;
  stop(): void;
}

/** The tail of a backbone that trains. */
export interface StepNetwork {
  readonly name: string;
  readonly inputSize: number;
  /** Beginnings of the names of the layers that train. Default: all layers of the tail. */
  readonly trained?: readonly string[];
}

/** Starts an engine of Graft. @param engine onnx, webgpu (ONNX Runtime on that device), wasm or native */
export function startEngine(engine: string, { name, inputSize, trained }: StepNetwork): Promise<Stepper> {
  const args = [engine, name, String(inputSize), ...(trained === undefined ? [] : [trained.join()])];
  return startProcess(engineScript, args, engine === 'native' ? 'native' : 'wasm');
}

/**
 * Starts a script that measures a step for each message.
 * @param tensorflow the runtime of TF.js in it
 */
export async function startProcess(script: URL, args: readonly string[], tensorflow: 'native' | 'wasm'): Promise<Stepper> {
  const started = fork(fileURLToPath(script), [...args], {
    env: { ...process.env, GRAFT_TENSORFLOW: tensorflow },
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  const exited = once(started, 'exit').then(([code]) => {
    throw new Error(`${script.pathname} ended with exit status ${code}`);
  });
  // Without a step that waits for it, an exit is no failure: it follows `stop`.
  exited.catch(() => {});
  await Promise.race([once(started, 'message'), exited]);
  return {
    async step() {
      started.send('step');
      const [step] = z.tuple([Step, z.unknown()]).parse(await Promise.race([once(started, 'message'), exited]));
      return step;
    },
    stop: () => started.disconnect(),
  };
}

/** Starts the same training in Keras. @param cut the layer whose output the tail gets */
export function startKerasStep({
  name,
  inputSize,
  trained = [''],
  cut,
}: StepNetwork & { readonly cut: string }): Promise<Stepper> {
  return startKeras('step.py', [name, String(inputSize), cut, trained.join(), String(CLASSES), String(BATCH)]);
}

/**
 * Runs the same number of steps of each in turns, in every pair. Every other turn is in reverse order.
 * @param steppers by the name of the side
 */
export async function stepInTurns(steppers: Readonly<Record<string, Stepper>>, steps: number): Promise<Sides> {
  const sides: Record<string, Sample> = {};
  for (let step = 0; step < steps; step++) {
    for (const [name, stepper] of inTurnOrder(Object.entries(steppers), step)) {
      const { seconds, cpuSeconds } = await stepper.step();
      const { seconds: before = 0, cpuSeconds: cpuBefore = 0 } = sides[name] ?? {};
      sides[name] = { seconds: before + seconds, cpuSeconds: cpuBefore + cpuSeconds };
    }
  }
  return sides;
}
