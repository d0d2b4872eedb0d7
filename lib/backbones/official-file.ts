import type { BackboneSpec } from '../contracts/job-spec.ts';
import { NotFoundError } from '../errors.ts';
import type { BackboneVariant, OfficialFile } from './catalogue/backbone-row.ts';

/** Chooses a file as Keras does: the one for the input's size if files differ by it, else the one for the largest. */
export function officialFile(
  name: string,
  { files }: BackboneVariant,
  { top, inputSize }: { readonly top: boolean; readonly inputSize?: BackboneSpec['inputSize'] },
): OfficialFile {
  const side = typeof inputSize === 'number' || inputSize === undefined ? inputSize : inputSize[0];
  const candidates = files.filter((file) => file.top === top).sort((a, b) => (b.inputSize ?? 0) - (a.inputSize ?? 0));
  const file = candidates.find((candidate) => candidate.inputSize === side) ?? candidates[0];
  if (file !== undefined) return file;
  throw new NotFoundError('WEIGHTS_NOT_PUBLISHED', {
    at: 'backbone.weights',
    expected: `official weights of ${name} ${top ? 'with' : 'without'} top`,
    received: 'none in the catalogue',
    fix: 'import a file of your own (graft weights import), or use "none" for random weights',
  });
}
