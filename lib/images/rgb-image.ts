/** An RGB image, rows from top to bottom. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** uint8 [height, width, 3], sRGB. */
  readonly data: Uint8Array;
}
