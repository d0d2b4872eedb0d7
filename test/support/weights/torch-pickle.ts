/**
 * Parts of a state dict as torch.save wrote it before PyTorch 1.6, opcode by opcode, and what a hostile writer may put
 * into it.
 */
type Part = Uint8Array | string | number;

/** Texts are ASCII, numbers are bytes. */
export function bytesOf(...parts: readonly Part[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : Buffer.from(part as string, 'latin1'))),
  );
}

export const STOP = '.';
export const EMPTY_DICT = '}';
export const EMPTY_LIST = ']';
const [PROTO, LONG1, FALSE] = [bytesOf(0x80, 2), 0x8a, 0x89];

export function pickleOf(...parts: readonly Part[]): Uint8Array {
  return bytesOf(PROTO, ...parts, STOP);
}

export function globalOf(module: string, name: string): string {
  return `c${module}\n${name}\n`;
}

export function textOf(text: string): Uint8Array {
  return bytesOf('X', uint32(text.length), text);
}

export function intOf(value: number): Uint8Array {
  return bytesOf('J', uint32(value));
}

export function tupleOf(...items: readonly Part[]): Uint8Array {
  return bytesOf('(', ...items, 't');
}

export function dictOf(entries: Readonly<Record<string, Part>>): Uint8Array {
  return bytesOf(EMPTY_DICT, '(', ...Object.entries(entries).flatMap(([key, value]) => [textOf(key), value]), 'u');
}

export interface TensorParts {
  readonly type?: string;
  readonly key?: string;
  /** Numbers in the storage. */
  readonly length?: number;
  readonly offset?: number;
  readonly shape?: readonly number[];
  readonly strides?: readonly number[];
}

export function tensorOf(parts: TensorParts = {}): Uint8Array {
  const { type = 'FloatStorage', key = '1', length = 2, offset = 0, shape = [2], strides = [1] } = parts;
  const id = tupleOf(textOf('storage'), globalOf('torch', type), textOf(key), textOf('cpu'), intOf(length), 'N');
  const sizes = [shape, strides].map((list) => tupleOf(...list.map(intOf)));
  const args = tupleOf(id, 'Q', intOf(offset), ...sizes, FALSE, EMPTY_DICT);
  return bytesOf(globalOf('torch._utils', '_rebuild_tensor_v2'), args, 'R');
}

export interface TorchParts {
  readonly version?: Part;
  readonly machine?: Part;
  readonly state?: Part;
  readonly keys?: Part;
  readonly storages?: Part;
}

/** A whole file; without parts one of a single tensor, `weight`, of the numbers 1 and 2. */
export function torchFile(parts: TorchParts = {}): Uint8Array {
  const { version, machine, state = dictOf({ weight: tensorOf() }), keys, storages = storageOf(1, 2) } = parts;
  return bytesOf(
    pickleOf(LONG1, 10, bytesOf(0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)),
    pickleOf(version ?? intOf(1001)),
    pickleOf(machine ?? dictOf({ little_endian: 0x88 })),
    pickleOf(state),
    pickleOf(keys ?? bytesOf(EMPTY_LIST, textOf('1'), 'a')),
    storages,
  );
}

export function storageOf(...numbers: readonly number[]): Uint8Array {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(numbers.length));
  return bytesOf(length, new Uint8Array(Float32Array.from(numbers).buffer));
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}
