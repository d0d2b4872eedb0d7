import { DataError } from '../../errors.ts';
import { TORCH_SIGNATURE } from './torch-file.ts';

/** File format by the first bytes. `.keras` archives are zip files; `torch` is a state dict of PyTorch before 1.6. */
export type Container = 'hdf5' | 'zip' | 'safetensors' | 'torch';

const HDF5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const ZIP = [0x50, 0x4b, 0x03, 0x04];

/** Other common formats, and how to convert them. */
const OTHERS: readonly { readonly begins: readonly number[]; readonly what: string; readonly fix: string }[] = [
  { begins: bytesOf('version https://git-lfs'), what: 'a pointer of Git LFS', fix: 'download the file itself: git lfs pull' },
  { begins: bytesOf('<'), what: 'a web page', fix: 'download the file itself, not the page about it' },
  { begins: [0x1f, 0x8b], what: 'a gzip file', fix: 'unpack it first' },
  { begins: [0x80, 0x02], what: "a pickle of Python's", fix: 'save as safetensors' },
];

/**
 * Detects the format of a weight file from its first bytes.
 * @param read returns bytes [start, start + length) of the file, or as many as there are
 * @param size of the file, in bytes
 * @throws DataError WEIGHTS_FORMAT_UNKNOWN
 */
export async function sniffWeights(
  read: (start: number, length: number) => Promise<Uint8Array>,
  size: number,
): Promise<Container> {
  const head = await read(0, 32);
  if (begins(head, ZIP)) return 'zip';
  if (begins(head, TORCH_SIGNATURE)) return 'torch';
  // HDF5 allows a user block before its own data: 512 bytes, or 1024, 2048 and so on.
  for (let start = 0; start < size; start = Math.max(512, start * 2)) {
    if (begins(await read(start, HDF5.length), HDF5)) return 'hdf5';
  }
  // Eight bytes of length, then JSON.
  if (head[8] === 0x7b) return 'safetensors';
  const other = OTHERS.find((candidate) => begins(head, candidate.begins));
  throw new DataError('WEIGHTS_FORMAT_UNKNOWN', {
    expected: 'HDF5 (.h5, .weights.h5), a .keras archive, safetensors, or a .pth of EfficientNet-Lite',
    received: other?.what ?? (size === 0 ? 'an empty file' : `bytes ${Buffer.from(head.subarray(0, 8)).toString('hex')}`),
    fix: other?.fix ?? 'save with model.save_weights("model.weights.h5")',
  });
}

function begins(bytes: Uint8Array, signature: readonly number[]): boolean {
  return signature.every((byte, i) => bytes[i] === byte);
}

function bytesOf(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}
