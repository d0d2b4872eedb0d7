import { DataError } from '../../errors.ts';
import { readZipMember } from './zip-member.ts';

const WEIGHTS = 'model.weights.h5';

/**
 * Extracts the HDF5 weight file of a `.keras` archive.
 * @param source a path, or the archive's bytes
 * @param size of the archive, in bytes
 * @throws DataError WEIGHTS_NOT_KERAS for another zip file; WEIGHTS_UNREADABLE for a damaged or suspicious one
 */
export function unpackWeights(source: string | Uint8Array, size: number): Promise<Uint8Array> {
  return readZipMember({ source, size, name: WEIGHTS, absent: notKeras });
}

function notKeras(names: readonly string[]): DataError {
  const isTorch = names.some((name) => name.endsWith('data.pkl'));
  return new DataError('WEIGHTS_NOT_KERAS', {
    at: 'zip file',
    expected: `${WEIGHTS}, as in a .keras archive`,
    received: isTorch ? "PyTorch's own format" : names.slice(0, 10).join(', '),
    fix: isTorch ? 'save as safetensors' : 'save with model.save("model.keras")',
  });
}
