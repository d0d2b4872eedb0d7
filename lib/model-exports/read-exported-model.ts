import { findRow } from '../backbones/find-row.ts';
import { ModelCard } from '../contracts/model-card.ts';
import { imagenetBackbone } from '../contracts/reference.ts';
import type { ResolvedModel } from '../models/registry.ts';
import { packageMissing, parseServedCard, requireDigest, requirePublished } from '../models/served-package.ts';
import type { ObjectStore } from '../ports.ts';
import { decodeDocument } from '../store/documents.ts';
import type { ExportedCard, ExportedModel } from './exported-model.ts';

/** Reads a file of the version's package; undefined if there is none of this name. */
export type ReadFile = (name: string) => Promise<Uint8Array | undefined>;

type Version = Pick<ResolvedModel, 'name' | 'version'>;

/** Reads the files of a version's package in the store. */
export function storedPackage({ version }: Version, store: ObjectStore): ReadFile {
  return async (name) => (await store.get(`${version.package}${name}`))?.body;
}

/**
 * Reads a version for an export, a trained one or a backbone with its ImageNet top.
 * @throws NotFoundError MODEL_PACKAGE_MISSING; RuntimeError MODEL_PACKAGE_DAMAGED, DOCUMENT_UNREADABLE
 */
export async function readExportedModel(resolved: Version, read: ReadFile): Promise<ExportedModel> {
  const { modelDigest, ...model } = await readCard(resolved, read);
  const at = `${resolved.version.package}model.onnx`;
  const onnx = await read('model.onnx');
  if (onnx === undefined) throw packageMissing(at);
  requireDigest(onnx, modelDigest, { at, version: `${model.name}@${model.version}` });
  return { ...model, onnx };
}

/**
 * Reads what the card tells of a version, without the model.
 * @throws NotFoundError MODEL_PACKAGE_MISSING; RuntimeError MODEL_PACKAGE_DAMAGED, DOCUMENT_UNREADABLE
 */
export async function readExportedCard(resolved: Version, read: ReadFile): Promise<ExportedCard> {
  const { modelDigest: _, ...card } = await readCard(resolved, read);
  return card;
}

async function readCard(
  { name, version: { version, package: prefix, cardDigest } }: Version,
  read: ReadFile,
): Promise<ExportedCard & { readonly modelDigest: string | undefined }> {
  const at = `${prefix}card.json`;
  const cardJson = await read('card.json');
  if (cardJson === undefined) throw packageMissing(at);
  requirePublished(cardJson, cardDigest, at);
  const common = { name, version, card: parseServedCard(cardJson, at), cardJson };
  const pretrained = imagenetBackbone(name);
  if (pretrained !== undefined) {
    const row = findRow(pretrained);
    return { ...common, backbone: { name: row.name, licence: row.licence }, modelDigest: undefined };
  }
  const { backbone, modelDigest, spec } = decodeDocument(ModelCard, at, cardJson).value;
  return {
    ...common,
    backbone: {
      name: spec.backbone.own?.version?.backbone ?? backbone.name,
      licence: backbone.licence,
      weights: spec.backbone.weights,
      isOwn: spec.backbone.own !== undefined,
      version: spec.backbone.own?.version?.ref,
      isInt8: backbone.precision === 'int8',
    },
    dataset: spec.dataset,
    modelDigest,
  };
}
