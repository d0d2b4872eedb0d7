import type { DatasetReport, SuspectReport } from '../contracts/dataset.ts';
import type { ModelCard } from '../contracts/model-card.ts';
import type { ModelReport } from '../contracts/model-report.ts';
import { readReport } from '../datasets/versions/report-store.ts';
import { readCard, readHistory, readResult } from '../models/model-package.ts';
import { readModel, readVersion } from '../models/registry.ts';
import { writeModelReport } from '../models/report-files.ts';
import type { PackageRef } from '../models/served-package.ts';
import type { ObjectStore } from '../ports.ts';
import { drawEvidence } from './draw-evidence.ts';
import { drawPictures } from './draw-pictures.ts';
import { measureReport } from './measure/measure-report.ts';
import { labelTexts } from './measure/predicted-texts.ts';
import type { OtherVersion } from './measure/report-input.ts';
import type { ScoredImages } from './measure/scored-images.ts';
import { openDrawing } from './plots/draw.ts';
import { isDeletedDataset, isUnreadableEvaluation, nameImages, readScores, requireScores } from './read-scores.ts';
import { modelReportPage } from './sections/model-report-page.ts';

/** The alias that a new version is compared with. */
const COMPARED = 'prod';

/**
 * Makes the report of a published version from its package and its data set, and writes it into the package. It
 * computes no features, and runs the model only to explain the images that it shows, so it can run again at any time.
 * Writes nothing if the version was deleted meanwhile. The collector removes what is written just after a deletion.
 * @param store with the images that stay in the user's own buckets
 * @throws NotFoundError MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_SCORES_MISSING
 */
export async function makeReport(name: string, number: number, store: ObjectStore): Promise<ModelReport> {
  const version = await readVersion(name, number, store);
  const card = await readCard(version, store);
  const { seconds, features } = await readResult(version.package, store);
  const history = await readHistory(version.package, store);
  const scored = await requireScores(version, store);
  const { dataset, suspects } = await readDataset(card, store);
  const suspectPaths = new Set(suspects?.suspects.map(({ path }) => path));
  const { images, byPath } = await nameImages(card, scored, suspectPaths, store);
  const { other, otherOmitted } = await readOther(name, number, store);
  const measured = measureReport({
    version: number,
    card,
    history,
    seconds,
    waits: features.waits,
    scored,
    images,
    dataset,
    suspects,
    other,
    otherOmitted,
  });
  // Images are decoded and encoded in other threads, while this one loads the library for plots.
  const [drawing, pictures] = await Promise.all([openDrawing(), drawPictures(measured, byPath, store)]);
  // On its own: it times the model, and decodes photographs too.
  const { evidence, omitted } = await drawEvidence(measured, { ...version, labels: card.labels }, store);
  const report = { ...measured, ...(omitted !== undefined && { evidenceOmitted: omitted }) };
  const page = modelReportPage({ report, drawing, pictures, evidence });
  // Drawing takes up to minutes, in which the version may have been deleted, for the images that the report shows.
  await readVersion(name, number, store);
  await writeModelReport(version, report, page, store);
  return report;
}

/** The report of the import; nothing if the data set was deleted. */
async function readDataset(
  { spec }: ModelCard,
  store: ObjectStore,
): Promise<{ dataset: DatasetReport | undefined; suspects: SuspectReport | undefined }> {
  try {
    const dataset = await readReport(spec.dataset, store);
    return { dataset, suspects: dataset.suspects };
  } catch (error) {
    if (!isDeletedDataset(error)) throw error;
    return { dataset: undefined, suspects: undefined };
  }
}

/** The version of the alias, if it is another one and can be read. If it is damaged, only the comparison is left out. */
async function readOther(
  name: string,
  number: number,
  store: ObjectStore,
): Promise<{ other: OtherVersion | undefined; otherOmitted: string }> {
  const without = (otherOmitted: string) => ({ other: undefined, otherOmitted });
  const { aliases, versions } = await readModel(name, store);
  const target = aliases[COMPARED];
  if (target === undefined) return without(`The model has no alias ${COMPARED}.`);
  if (target === number) return without(`The alias ${COMPARED} points to this version.`);
  const version = versions.find((one) => one.version === target);
  const of = `The version of the alias ${COMPARED}, ${target},`;
  if (version === undefined) return without(`${of} does not exist any more.`);
  try {
    const scored = await readScores(version, store);
    if (scored === undefined) return without(`${of} has no stored scores.`);
    return { other: { alias: COMPARED, version: target, ...(await predictionsOf(version, scored, store)) }, otherOmitted: '' };
  } catch (error) {
    if (!isUnreadableEvaluation(error)) throw error;
    return without(`${of} cannot be read: ${error.title}: ${error.at}.`);
  }
}

/** The predicted labels of a version's evaluated images, and which of these are related, by the SHA-256 of the images. */
async function predictionsOf(
  version: PackageRef,
  scored: ScoredImages,
  store: ObjectStore,
): Promise<Pick<OtherVersion, 'predictions' | 'groups'>> {
  const card = await readCard(version, store);
  const { images } = await nameImages(card, scored, new Set(), store);
  const { predicted } = labelTexts(scored.scores, card.labels, card.thresholds);
  const bySha256 = <Value>(values: readonly Value[] = []) =>
    new Map(
      scored.rows.flatMap((row, index) => {
        const [sha256, value] = [images.get(row)?.sha256, values[index]];
        return sha256 === undefined || value === undefined ? [] : [[sha256, value] as const];
      }),
    );
  return { predictions: bySha256(predicted), groups: bySha256(scored.groups) };
}
