import { createHash } from 'node:crypto';
import type { BackboneSpec } from '../contracts/job-spec.ts';
import { NotFoundError } from '../errors.ts';
import type { ObjectStore } from '../ports.ts';
import { bundledFile } from './bundled-file.ts';
import type { BackboneRow, BackboneVariant } from './catalogue/backbone-row.ts';
import { defaultWeights } from './default-weights.ts';
import { findImported } from './find-imported.ts';
import { findRow, findVariant } from './find-row.ts';
import { officialFile } from './official-file.ts';
import type { DownloadOptions } from './weights/download.ts';
import { pullWeights } from './weights/pull-weights.ts';
import { readWeights } from './weights/read-weights.ts';
import { openWeights } from './weights/stored-weights.ts';
import type { WeightFile } from './weights/weight-file.ts';

/**
 * A source of a backbone's weights. Its id is known before the weights are read, so that cached results can be found
 * without reading them.
 */
export interface WeightSource {
  /** Identifies the content. */
  readonly id: string;
  /** Reads the tensors. @returns `none` if they are to be drawn */
  read(): Promise<WeightFile | 'none'>;
}

/** Options of `findWeightSource`. */
export interface SourceOptions extends Pick<DownloadOptions, 'fetch' | 'onProgress' | 'signal'> {
  readonly store: ObjectStore;
  /** Whether to include the 1000-class top. Default false. */
  readonly top?: boolean;
}

/**
 * Finds a backbone's weights. Downloads and verifies `imagenet` weights once, if they are not in the store.
 * @throws SpecError as findRow; NotFoundError WEIGHTS_NOT_FOUND; RuntimeError WEIGHTS_DOWNLOAD_FAILED; DataError as
 *   pullWeights
 */
export async function findWeightSource(spec: BackboneSpec, options: SourceOptions): Promise<WeightSource> {
  const { store, top = false, ...pulling } = options;
  const row = findRow(spec.name);
  const variant = findVariant(row, spec.alpha);
  switch (spec.weights ?? defaultWeights(variant)) {
    case 'none':
      return { id: 'none', read: async () => 'none' };
    case 'bundled': {
      const bytes = await bundledFile(variant.bundled ?? row.name);
      return { id: createHash('sha256').update(bytes).digest('hex'), read: () => readWeights(bytes) };
    }
    case 'imagenet': {
      const stored = await pullWeights(officialFile(row.name, variant, { top, inputSize: spec.inputSize }), {
        store,
        ...pulling,
      });
      return { id: stored.sha256, read: () => openWeights(stored, store) };
    }
    case 'imported': {
      const stored = await findImported(row, variant, store);
      if (stored === undefined) throw notImported(row, variant);
      return { id: stored.sha256, read: () => openWeights(stored, store) };
    }
    default: {
      const sha256 = spec.weights ?? '';
      return { id: sha256, read: () => openWeights({ sha256, name: `${row.name}'s weights` }, store) };
    }
  }
}

function notImported(row: BackboneRow, variant: BackboneVariant): NotFoundError {
  const width = variant === row.variants[0] ? '' : ` --alpha ${variant.alpha}`;
  return new NotFoundError('WEIGHTS_NOT_FOUND', {
    at: 'backbone.weights',
    expected: `weights that were imported for ${row.name}${width && ` of width ${variant.alpha}`}`,
    received: 'none',
    fix: `graft weights import FILE --backbone ${row.name}${width}`,
  });
}
