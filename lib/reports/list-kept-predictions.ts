import type { KeptPrediction } from '../contracts/keeping.ts';
import type { KeptPredictionList, KeptPredictionQuery } from '../contracts/kept-predictions.ts';
import { type KeptEntry, listKept } from '../models/kept-predictions.ts';
import { linkFile } from '../models/link-files.ts';
import { type ResolvedModel, resolveModel } from '../models/registry.ts';
import type { World } from '../ports.ts';
import { keptKeys } from '../store/kept-keys.ts';
import { topLabels } from './measure/top-labels.ts';
import { requireScores } from './read-scores.ts';

/** Share of the evaluated images whose predictions are unsure. */
const UNSURE_SHARE = 0.1;

/**
 * Lists kept predictions of a version, with signed requests for their images.
 * @param ref `NAME`, `NAME@VERSION` or `NAME:ALIAS`
 * @throws NotFoundError MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND; with `unsure` also MODEL_SCORES_MISSING
 */
export async function listKeptPredictions(
  ref: string,
  { images, unknown, unsure, ...page }: KeptPredictionQuery,
  world: Pick<World, 'store' | 'clock'>,
): Promise<KeptPredictionList> {
  const { store, clock } = world;
  const resolved = await resolveModel(ref, store);
  const unsureBelow = unsure ? await confidenceAt(UNSURE_SHARE, resolved, world) : undefined;
  const isWanted = (one: KeptPrediction): boolean =>
    (images !== true || one.imageBytes !== undefined) &&
    ((!unknown && !unsure) ||
      (unknown === true && one.known === false) ||
      (unsureBelow !== undefined && one.confidence < unsureBelow));
  const { entries, next } = await listKept(resolved, clock.now(), store, page);
  const wanted = entries.filter(({ prediction }) => isWanted(prediction));
  return {
    model: resolved.name,
    version: resolved.version.version,
    ...(unsureBelow !== undefined && { unsureBelow }),
    predictions: await Promise.all(wanted.map((entry) => withImage(entry, resolved, world))),
    ...(next !== undefined && { next }),
  };
}

/** The confidence that a share of the evaluated images does not reach. */
async function confidenceAt(share: number, { version }: ResolvedModel, { store }: Pick<World, 'store'>): Promise<number> {
  const { scores } = await requireScores(version, store);
  const confidences = topLabels(scores).confidences.sort((a, b) => a - b);
  return confidences[Math.floor(share * confidences.length)] ?? 0;
}

async function withImage(
  { id, prediction }: KeptEntry,
  { name, version, keeping }: ResolvedModel,
  world: Pick<World, 'store' | 'clock'>,
): Promise<KeptPredictionList['predictions'][number]> {
  const [day = '', slot = ''] = id.split('/');
  if (keeping === undefined || prediction.imageBytes === undefined) return { id, ...prediction };
  const { image: key } = keptKeys({ model: name, period: keeping.period, version: version.version, day, slot });
  const image = await linkFile(id, key, world);
  return { id, ...prediction, ...(image && { image }) };
}
