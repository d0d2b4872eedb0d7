import type { PrecisionCheck } from '../contracts/precision.ts';
import type { ServedCard } from '../contracts/served-card.ts';

/** A model version with what its exports need. */
export interface ExportedModel {
  readonly name: string;
  readonly version: number;
  readonly card: ServedCard;
  /** The complete card.json of the package. */
  readonly cardJson: Uint8Array;
  /** The complete model: float32 [N, height, width, 3], RGB 0..255, to probabilities [N, labels]. */
  readonly onnx: Uint8Array;
  readonly backbone: {
    /** Of the pretrained network; `own` if that is not known. */
    readonly name: string;
    /** The licence of its weights: an SPDX identifier, or what their publisher says. */
    readonly licence: string;
    /** `backbone.weights` of the job spec; undefined for a user's own encoder. */
    readonly weights?: string | undefined;
    /** Whether it is a user's own encoder, or the graph of a published version. */
    readonly isOwn?: boolean;
    /** NAME@VERSION of the published version whose graph it is. */
    readonly version?: string | undefined;
    /** Whether it computes in int8 in the served graph. */
    readonly isInt8?: boolean;
  };
  /** The data set of its training, with the digest; undefined for a backbone with its ImageNet top. */
  readonly dataset?: string;
  /** The comparison with the float32 model; undefined for that model itself. */
  readonly precision?: PrecisionCheck;
}

/** What the card tells of a model version, without the model. */
export type ExportedCard = Omit<ExportedModel, 'onnx' | 'precision'>;

/** A file of an export; its name has no folder. */
export interface ExportedFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}
