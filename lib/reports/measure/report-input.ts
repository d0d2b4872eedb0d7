import type { DatasetReport, SuspectReport } from '../../contracts/dataset.ts';
import type { FeatureWaits, JobResult } from '../../contracts/job.ts';
import type { EpochRecord, ModelCard } from '../../contracts/model-card.ts';
import type { ScoredImages } from './scored-images.ts';

/** An image of the evaluation. */
export interface ImageName {
  readonly path: string;
  readonly sha256: string;
}

/** The version of an alias, and whether it is right on each of its own evaluated images. */
export interface OtherVersion {
  readonly alias: string;
  readonly version: number;
  /** The predicted labels of each image, by SHA-256 of the image, joined to one text. */
  readonly predictions: ReadonlyMap<string, string>;
  /** A number for each of these images, which is the same for related ones; empty if none are. */
  readonly groups?: ReadonlyMap<string, number>;
}

/** Everything that a report is made of, read from the store. */
export interface ReportInput {
  readonly version: number;
  readonly card: ModelCard;
  readonly history: readonly EpochRecord[];
  readonly seconds: JobResult['seconds'];
  /** What the features waited for; undefined if none were computed. */
  readonly waits: FeatureWaits | undefined;
  readonly scored: ScoredImages;
  /** By their index among the data set's labelled images; an image of a deleted data set has no name. */
  readonly images: ReadonlyMap<number, ImageName>;
  readonly dataset: DatasetReport | undefined;
  readonly suspects: SuspectReport | undefined;
  /** Undefined with the reason if there is nothing to compare with. */
  readonly other: OtherVersion | undefined;
  readonly otherOmitted: string;
}
