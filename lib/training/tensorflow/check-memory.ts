import type { TrainingSpec } from '../../contracts/training-spec.ts';
import { CapacityError } from '../../errors.ts';
import { startTensorFlow } from '../../tensor/start-tensorflow.ts';
import type { TensorRuntime } from '../../tensor/tensor-runtime.ts';
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
  const { training } = options;
  const memoryOf = await estimateTrainingMemory(options);
  const memory = memoryOf(training);
  const found = shortage(memory, name, room);
  if (found === undefined) return memory;
  const smaller = smallerSteps(training).find((step) => shortage(memoryOf(step), name, room) === undefined);
  throw new CapacityError('MEMORY_TOO_SMALL', {
    at: 'training.batchSize',
    expected: `at most ${gibibytes(found.there)} for ${found.of}`,
    received: `${training.batchSize}, which takes ${gibibytes(found.needed)}`,
    fix:
      smaller === undefined
        ? 'freeze more of the backbone, take smaller images, or a machine with more memory'
        : `set training.batchSize to ${smaller.batchSize}, and training.gradientAccumulation to ` +
          `${smaller.gradientAccumulation} for steps of as many examples`,
  });
}

type Step = Pick<TrainingSpec, 'batchSize' | 'gradientAccumulation'>;

/** Steps with the same number of examples in smaller batches, powers of two, the largest first. */
function smallerSteps({ batchSize, gradientAccumulation }: Step): Step[] {
  const steps: Step[] = [];
  for (let size = 2 ** Math.ceil(Math.log2(batchSize) - 1); size >= 1; size /= 2) {
    steps.push({ batchSize: size, gradientAccumulation: Math.ceil((batchSize * gradientAccumulation) / size) });
  }
  return steps;
}

interface Shortage {
  readonly of: string;
  readonly needed: number;
  readonly there: number;
}

function shortage(memory: TrainingMemory, runtime: TensorRuntime['name'], room: MemoryRoom): Shortage | undefined {
  const { device = runtime === 'wasm' ? 2 ** 32 : Number.POSITIVE_INFINITY, process: there = process.availableMemory() } = room;
  if (memory.device > device)
    return { of: runtime === 'wasm' ? 'WebAssembly' : 'TensorFlow', needed: memory.device, there: device };
  // A GPU has its own memory, and the weights are already allocated.
  const needed = memory.host + (runtime === 'gpu' ? 0 : memory.device - memory.weights);
  return needed > there ? { of: 'this process', needed, there } : undefined;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
