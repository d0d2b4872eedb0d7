import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { damaged } from '../datasets/damage.ts';

export interface CorpusFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The small weight files that damaged ones are made of, and one of safetensors. */
export function corpusSeeds(): CorpusFile[] {
  const folders = ['h5', 'weights'].map((name) => fileURLToPath(new URL(`../../fixtures/${name}/`, import.meta.url)));
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(h5|keras|zip|pth)$/.test(name))
      .map((name) => ({ name, bytes: new Uint8Array(readFileSync(`${folder}${name}`)) })),
  );
  return [...files, { name: 'tiny.safetensors', bytes: safetensors() }];
}

/** The nth damaged file of a seed. */
export function corpusFile(seeds: readonly CorpusFile[], seed: number, index: number): CorpusFile {
  const { name, bytes } = seeds[index % seeds.length] as CorpusFile;
  return { name: `${name}, damaged by ${seed}/${index}`, bytes: damaged(bytes, seed, index) };
}

function safetensors(): Uint8Array {
  const header = JSON.stringify({
    __metadata__: { format: 'tf' },
    'conv/kernel': { dtype: 'F32', shape: [3, 3, 3, 8], data_offsets: [0, 864] },
    'conv/bias': { dtype: 'F16', shape: [8], data_offsets: [864, 880] },
    'norm/count': { dtype: 'I64', shape: [], data_offsets: [880, 888] },
    'head.weight': { dtype: 'BF16', shape: [4, 4], data_offsets: [888, 920] },
  });
  const bytes = Buffer.alloc(8 + header.length + 920, 7);
  bytes.writeBigUInt64LE(BigInt(header.length));
  bytes.write(header, 8);
  return new Uint8Array(bytes);
}
