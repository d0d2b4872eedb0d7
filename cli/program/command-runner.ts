import type { Context, ContextOptions } from '../context.ts';
import type { Output } from '../output.ts';

/** Runs what a command does and keeps its exit status. Commands are loaded when they are called: most need few of the modules. */
export interface CommandRunner {
  /** With the API, wherever it runs. */
  inContext(act: (context: Context, output: Output) => Promise<number>, options?: Omit<ContextOptions, 'remote'>): Promise<void>;
  /** Without it. */
  alone(act: (output: Output, flags: { readonly remote: boolean }) => Promise<number> | number): Promise<void>;
}
