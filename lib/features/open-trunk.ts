import { ownTrunk, ownTrunkTo } from '../backbones/own/own-trunk.ts';
import { findWeightSource, type SourceOptions } from '../backbones/weight-source.ts';
import type { BackboneSpec } from '../contracts/job-spec.ts';
import type { OwnModel } from '../contracts/own-model.ts';
import type { ObjectStore } from '../ports.ts';
import { buildTrunk } from './build-trunk.ts';
import type { Trunk, TrunkEnd } from './trunk.ts';
import { exportedTrunkKey, isWhole, namesOfCatalogue, namesOfOwnModel } from './trunk-names.ts';
import { findTrunk, storeTrunk } from './trunk-store.ts';

/**
 * Opens the frozen part of a backbone, from the store if it was built before. The top of a user's own model is the
 * output that its spec names, as a vector.
 * @param signal ends the download of weights
 * @throws as findWeightSource, buildTrunk, ownTrunk, ownTrunkTo; the signal's reason
 */
export async function openTrunk(spec: BackboneSpec, end: TrunkEnd, store: ObjectStore, signal?: AbortSignal): Promise<Trunk> {
  const { names, build } =
    spec.own === undefined ? await ofCatalogue(spec, end, { store, signal }) : ofOwnModel(spec.own, spec, end.cut, store);
  const squeezing = exportedTrunkKey(names, { crops: false });
  if (spec.cropToAspectRatio !== true) return (await findTrunk(squeezing, store)) ?? storeTrunk(squeezing, await build(), store);
  const crop = { cropToAspectRatio: true } as const;
  const key = exportedTrunkKey(names, { crops: true });
  const known = await findTrunk(key, store);
  if (known !== undefined) return known;
  // The same graph, if there is one, for images that are cropped: they have other features.
  const squeezed = await findTrunk(squeezing, store);
  if (squeezed === undefined) return storeTrunk(key, { ...(await build()), ...crop }, store);
  const { key: _, ...trunk } = squeezed;
  return storeTrunk(key, { ...trunk, ...crop }, store);
}

interface TrunkSource {
  /** Everything that the features depend on. */
  readonly names: object;
  readonly build: () => Promise<Omit<Trunk, 'key'>>;
}

async function ofCatalogue(spec: BackboneSpec, end: TrunkEnd, from: SourceOptions): Promise<TrunkSource> {
  const source = await findWeightSource(spec, from);
  return {
    names: namesOfCatalogue(spec, source.id, end),
    build: () => buildTrunk(spec, source, end),
  };
}

function ofOwnModel(given: OwnModel, { inputSize }: BackboneSpec, cut: TrunkEnd['cut'], store: ObjectStore): TrunkSource {
  const { cut: _, ...own } = given;
  const spec = { own, inputSize };
  const value = typeof cut === 'object' ? cut.layer : undefined;
  return {
    names: namesOfOwnModel(given, spec, cut),
    build: () => (isWhole(cut) ? ownTrunk(spec, store) : ownTrunkTo(value, spec, store)),
  };
}
