import { engine } from '@tensorflow/tfjs-core';

/**
 * Runs `work`, then disposes all variables that it created and left. A tidy frees tensors only, and cannot span an
 * await.
 */
export async function freeVariables<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = new Set(Object.keys(engine().registeredVariables));
  try {
    return await work();
  } finally {
    for (const [name, variable] of Object.entries(engine().registeredVariables)) if (!before.has(name)) variable.dispose();
  }
}
