import { CapacityError, SpecError } from '../../../errors.ts';
import type { Slots } from '../../optimizer-slots.ts';
import { type Address, openKernels, type UpdateKernels } from './update-kernels.ts';

/** Arrays of a kernel begin at multiples of so many bytes, and are padded to them: the width of its registers. */
const ALIGNMENT = 16;
/** The largest memory of WebAssembly: 4 GiB. */
const MOST_BYTES = 2 ** 32;

/** The arrays of a variable under training, in a memory of the kernels. They change in place. */
export interface VariableArrays {
  readonly kernels: UpdateKernels;
  /** The length of an array that the kernels change. */
  readonly bytes: number;
  readonly values: Float32Array;
  readonly gradient: Float32Array;
  /** By the name of the slot. */
  readonly slots: ReadonlyMap<string, Float32Array>;
}

interface Variable {
  readonly name: string;
  /** Number of values. */
  readonly size: number;
}

interface Group<Member> {
  bytes: number;
  readonly members: Member[];
}

/**
 * Allocates the arrays of variables in as few memories as have room for them. Values and gradients are zeros.
 * @param slots the initial values of each variable's slots, by the name of the slot
 * @param mostBytes the size of the largest memory; default: that of WebAssembly
 * @throws SpecError VARIABLE_TOO_LARGE; CapacityError MEMORY_TOO_SMALL
 */
export function allocateVariables<Member extends Variable>(
  variables: readonly Member[],
  slots: Slots,
  mostBytes = MOST_BYTES,
): (Member & VariableArrays)[] {
  const count = 2 + Object.keys(slots).length;
  const groups: Group<Member>[] = [];
  for (const variable of variables) {
    const bytes = count * paddedBytes(variable.size);
    if (ALIGNMENT + bytes > mostBytes) throw tooLarge(variable, Math.floor(mostBytes / count));
    const last = groups.at(-1);
    if (last !== undefined && last.bytes + bytes <= mostBytes) {
      last.bytes += bytes;
      last.members.push(variable);
    } else {
      // Address 0 stands for no array.
      groups.push({ bytes: ALIGNMENT + bytes, members: [variable] });
    }
  }
  return groups.flatMap((group) => allocateGroup(group, slots));
}

function allocateGroup<Member extends Variable>({ bytes, members }: Group<Member>, slots: Slots): (Member & VariableArrays)[] {
  const { kernels, buffer } = openMemory(bytes);
  let end = ALIGNMENT;
  return members.map((variable) => {
    const padded = paddedBytes(variable.size);
    const allocate = (): Float32Array => {
      const array = new Float32Array(buffer, end, variable.size);
      end += padded;
      return array;
    };
    const [values, gradient] = [allocate(), allocate()];
    const ofSlots = Object.entries(slots).map(([slot, start]) => [slot, allocate().fill(start)] as const);
    return { ...variable, kernels, bytes: padded, values, gradient, slots: new Map(ofSlots) };
  });
}

/** The address of an array that `allocateVariables` returned. */
export function addressOf(array: Float32Array): Address {
  return array.byteOffset;
}

function paddedBytes(size: number): number {
  return Math.ceil((size * Float32Array.BYTES_PER_ELEMENT) / ALIGNMENT) * ALIGNMENT;
}

function openMemory(bytes: number): ReturnType<typeof openKernels> {
  try {
    return openKernels(bytes);
  } catch (cause) {
    throw new CapacityError('MEMORY_TOO_SMALL', {
      at: 'weights',
      expected: `${bytes} bytes for the weights, their gradients and the state of the optimizer`,
      received: 'no such memory',
      fix: 'freeze more layers, use a smaller backbone, or a machine with more memory',
      cause,
    });
  }
}

function tooLarge({ name, size }: Variable, most: number): SpecError {
  return new SpecError('VARIABLE_TOO_LARGE', {
    at: name,
    expected: `at most ${Math.floor(most / Float32Array.BYTES_PER_ELEMENT)} values, with this optimizer`,
    received: size,
    fix: 'use a smaller layer, or train in TensorFlow (GRAFT_ENGINE=tensorflow)',
  });
}
