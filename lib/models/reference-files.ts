/** Names of the files of reference predictions below a package's prefix. */
export const referenceFiles = { images: 'reference.png', predictions: 'reference.json' } as const;

/** How well a model repeats its reference predictions. */
export interface RepeatedReferences {
  readonly images: number;
  /** Of all probabilities; 1 if one of them is not a number. */
  readonly largestDifference: number;
  readonly ok: boolean;
}
