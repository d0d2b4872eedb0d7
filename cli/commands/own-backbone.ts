import { stat } from 'node:fs/promises';
import { catalogue } from '../../lib/backbones/catalogue.ts';
import type { ImportedModel } from '../../lib/backbones/own/import-own-model.ts';
import { CHOSEN_BACKBONE } from '../../lib/contracts/job-spec.ts';
import type { OwnModel } from '../../lib/contracts/own-model.ts';
import { UsageError } from '../../lib/errors.ts';
import type { Context } from '../context.ts';
import { withLocalCopy } from '../files/s3-copy.ts';
import type { Output } from '../output.ts';
import { openStoreOf } from '../store-of.ts';

/** The flags of graft train for a user's own model; other settings are read from the model. */
export interface OwnOptions {
  readonly backbone?: string;
  readonly inputSize?: number | [number, number];
  readonly cut?: string;
  readonly ownOutput?: string;
  readonly ownMean?: [number, number, number];
  readonly ownStd?: [number, number, number];
  readonly ownChannels?: NonNullable<OwnModel['channels']>;
  readonly ownLayout?: NonNullable<OwnModel['layout']>;
  readonly ownPooling?: NonNullable<OwnModel['pooling']>;
  readonly ownLicence?: string;
}

/**
 * Imports the model at the path of --backbone; the spec then names its content.
 * @returns undefined if --backbone names a backbone of the catalogue, or is absent
 * @throws UsageError OWN_MODEL_EXPECTED, STORE_NOT_LOCAL; as importOwnModel
 */
export async function ownBackbone(
  options: OwnOptions,
  context: Context,
  output: Output,
): Promise<ImportedModel['backbone'] | undefined> {
  const { backbone: path, inputSize, cut, ownOutput, ownMean, ownStd, ownChannels, ownLayout, ownPooling, ownLicence } = options;
  const given = {
    cut,
    output: ownOutput,
    mean: ownMean,
    std: ownStd,
    channels: ownChannels,
    layout: ownLayout,
    pooling: ownPooling,
  };
  if (path === undefined || !(await isPath(path))) {
    refuseWithoutModel({ ...given, licence: ownLicence }, path);
    return undefined;
  }
  const store = await openStoreOf(context);
  output.progress(`reading ${path}`);
  const { importOwnModel } = await import('../../lib/backbones/own/import-own-model.ts');
  const { backbone, features } = await withLocalCopy(path, { kind: 'model' }, (copy) =>
    importOwnModel(copy, store, { ...given, licence: ownLicence, inputSize }),
  );
  output.endProgress();
  output.note(`${path} outputs ${features} features per image. In a job spec:\n  "backbone": ${JSON.stringify(backbone)}`);
  return backbone;
}

/** Whether it is a file, an address in S3, or a folder whose name is not in the catalogue. */
async function isPath(text: string): Promise<boolean> {
  if (text.startsWith('model:')) return false;
  if (/[/\\]|\.onnx$|^\.+$/i.test(text)) return true;
  if (text === CHOSEN_BACKBONE || text.includes(',') || catalogue.some(({ name }) => name === text)) return false;
  return stat(text).then(
    () => true,
    () => false,
  );
}

function refuseWithoutModel(given: Readonly<Record<string, unknown>>, received: string | undefined): void {
  const flag = Object.keys(given).find((name) => given[name] !== undefined);
  if (flag === undefined) return;
  throw new UsageError('OWN_MODEL_EXPECTED', {
    at: flag === 'cut' ? '--cut' : `--own-${flag}`,
    expected: '--backbone with the path of a model of your own',
    received: received ?? 'none',
    fix: 'graft train --backbone PATH.onnx, or leave the flag out',
  });
}
