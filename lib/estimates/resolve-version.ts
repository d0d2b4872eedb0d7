import { isDeepStrictEqual } from 'node:util';
import { PUBLISHED_WEIGHTS } from '../backbones/default-weights.ts';
import { toLicence } from '../backbones/own/licence.ts';
import { copyVersionGraph, sizeOfOwnModel } from '../backbones/own/own-store.ts';
import { readOwnGraph } from '../backbones/own/read-own-graph.ts';
import { MAX_SUBMISSION_BYTES } from '../backbones/own/size-limit.ts';
import type { JobSpec } from '../contracts/job-spec.ts';
import type { ModelCard } from '../contracts/model-card.ts';
import type { OwnModel } from '../contracts/own-model.ts';
import { TrainedModelRef } from '../contracts/reference.ts';
import { SpecError } from '../errors.ts';
import { readCard } from '../models/model-package.ts';
import { resolveModel } from '../models/registry.ts';
import type { ObjectStore } from '../ports.ts';

/** Before the reference of a published version that serves as backbone. */
const VERSION = 'model:';

/** A backbone whose graph is that of a published version. */
export interface VersionBackbone {
  readonly name: 'own';
  readonly inputSize: JobSpec['backbone']['inputSize'];
  readonly own: OwnModel;
  readonly precision?: JobSpec['backbone']['precision'];
  readonly cropToAspectRatio?: JobSpec['backbone']['cropToAspectRatio'];
}

/** The reference of the published version that a backbone names; undefined if it names another backbone. */
export function versionRef({ name, own }: JobSpec['backbone']): string | undefined {
  if (own !== undefined) return own.version?.ref;
  return name.startsWith(VERSION) ? name.slice(VERSION.length) : undefined;
}

/**
 * Resolves a published version as a user's own model, and copies its graph, so that the job does not depend on the
 * version any more. The registry determines the graph and its preprocessing: a spec that names them must agree.
 * @throws SpecError BACKBONE_MODEL_UNSUPPORTED; NotFoundError MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND,
 * MODEL_PACKAGE_MISSING
 */
export async function resolveVersion(ref: string, backbone: JobSpec['backbone'], store: ObjectStore): Promise<VersionBackbone> {
  const { alpha, weights, inputSize, own: given, precision } = backbone;
  if (alpha !== undefined || weights !== undefined)
    throw unsupported('weights', 'no alpha and no weights: the version has its own', { alpha, weights }, 'leave them out');
  const at = given === undefined ? 'name' : 'own.version.ref';
  if (!TrainedModelRef.safeParse(ref).success)
    throw unsupported(at, 'NAME, NAME@VERSION or NAME:ALIAS of a trained model', ref, 'graft models lists them');
  const { name, version } = await resolveModel(ref, store);
  const card = await readCard(version, store);
  if (card.task === 'one-class')
    throw unsupported(
      at,
      'a classifier',
      `${ref}, a one-class model, which has no linear layer`,
      `use the backbone of ${ref}: ${card.backbone.name}`,
    );
  const { height, width } = card.input;
  const published: OwnModel = {
    sha256: card.modelDigest.replace(/^sha256-/, ''),
    // The preprocessing is in the graph.
    mean: [0, 0, 0],
    std: [1 / 255, 1 / 255, 1 / 255],
    channels: 'rgb',
    layout: 'NHWC',
    licence: toLicence(card.backbone.licence),
    version: { ref: `${name}@${version.version}`, ...originOf(card) },
  };
  if (given !== undefined) checkEqual({ ...given, licence: toLicence(given.licence) }, published, ref);
  await copyVersionGraph(published, version.package, store);
  // The job checks the others, which may be too large for the memory of the API.
  if ((await sizeOfOwnModel(published, store)) <= MAX_SUBMISSION_BYTES) await readOwnGraph(published, store);
  const own = { ...published, ...(given?.cut !== undefined && { cut: given.cut }) };
  const cropToAspectRatio = backbone.cropToAspectRatio ?? card.input.cropToAspectRatio;
  return {
    name: 'own',
    inputSize: inputSize ?? [height, width],
    own,
    ...(precision !== undefined && { precision }),
    ...(cropToAspectRatio !== undefined && { cropToAspectRatio }),
  };
}

/** The pretrained network of a version, through all versions on which it builds. */
function originOf({ backbone, spec }: ModelCard): Pick<NonNullable<OwnModel['version']>, 'backbone'> {
  const { own, weights = '' } = spec.backbone;
  const origin = own === undefined && PUBLISHED_WEIGHTS.includes(weights) ? backbone.name : own?.version?.backbone;
  return origin === undefined ? {} : { backbone: origin };
}

/** @throws SpecError BACKBONE_MODEL_UNSUPPORTED */
function checkEqual({ version, cut: _, ...own }: OwnModel, published: OwnModel, ref: string): void {
  const expected: Readonly<Record<string, unknown>> = { ...published, 'version.backbone': published.version?.backbone };
  for (const [member, value] of Object.entries({ ...own, 'version.backbone': version?.backbone })) {
    if (value === undefined || isDeepStrictEqual(value, expected[member])) continue;
    throw unsupported(`own.${member}`, `that of ${ref}, which the registry has`, value, `leave own out: "name": "model:${ref}"`);
  }
}

function unsupported(at: string, expected: string, received: unknown, fix: string): SpecError {
  return new SpecError('BACKBONE_MODEL_UNSUPPORTED', { at: `backbone.${at}`, expected, received, fix });
}
