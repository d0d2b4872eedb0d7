import { engine } from '@tensorflow/tfjs-core';

/**
 * Does some work and then frees every variable that it has left behind: a tidy frees tensors only, and only of what is
 * not awaited.
 */
export async function freeVariables<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = new Set(Object.keys(engine().registeredVariables));
  try {
    return await work();
  } finally {
    for (const [name, variable] of Object.entries(engine().registeredVariables)) if (!before.has(name)) variable.dispose();
  }
}
