import { startTensorFlow } from '../../tensor/start-tensorflow.ts';
import type { TensorRuntime } from '../../tensor/tensor-runtime.ts';
import { checkStepFits, type Shortage } from '../memory-limit.ts';
import { estimateTrainingMemory, type MemoryOptions, type TrainingMemory } from './estimate-memory.ts';

/** Available memory, in bytes. */
export interface MemoryRoom {
  /** For this process, besides what it holds already; default: as the operating system or the container reports. */
  readonly process?: number;
  /** For TensorFlow; default: the 4 GiB that WebAssembly can address on that runtime, otherwise unlimited. */
  readonly device?: number;
}

/**
 * Checks the memory of a training before it begins.
 * @returns the estimated memory
 * @throws CapacityError MEMORY_TOO_SMALL, which names the largest power of two that fits as a batch size
 */
export async function checkTrainingMemory(options: MemoryOptions, room: MemoryRoom = {}): Promise<TrainingMemory> {
  const { name } = await startTensorFlow();
  const memoryOf = await estimateTrainingMemory(options);
  checkStepFits(options.training, (step) => shortage(memoryOf(step), name, room));
  return memoryOf(options.training);
}

function shortage(memory: TrainingMemory, runtime: TensorRuntime['name'], room: MemoryRoom): Shortage | undefined {
  const { device = runtime === 'wasm' ? 2 ** 32 : Number.POSITIVE_INFINITY, process: there = process.availableMemory() } = room;
  if (memory.device > device)
    return { of: runtime === 'wasm' ? 'WebAssembly' : 'TensorFlow', needed: memory.device, there: device };
  // A GPU has its own memory, and the weights are already allocated.
  const needed = memory.host + (runtime === 'gpu' ? 0 : memory.device - memory.weights);
  return needed > there ? { of: 'this process', needed, there } : undefined;
}
