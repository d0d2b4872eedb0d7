/** How images become the input of a network. */
export interface NetworkInput {
  /** In pixels. */
  readonly inputSize: readonly [height: number, width: number];
  /** Whether an image of another aspect ratio is cropped, so that it keeps its own. Default: it is squeezed. */
  readonly cropToAspectRatio?: boolean | undefined;
}
