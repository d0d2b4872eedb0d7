/** The update rule of an optimizer for one variable. */
export interface UpdateRule {
  /** The slots of each variable, with their initial values. */
  readonly slots: Readonly<Record<string, number>>;
  /**
   * Changes the values and the slots in place. `iteration` counts from 1. Loops over elements do not destructure
   * arrays, and do not read back what they have just written: either doubles their time.
   */
  update(
    values: Float32Array,
    gradient: Float32Array,
    step: { readonly slot: (name: string) => Float32Array; readonly rate: number; readonly iteration: number },
  ): void;
}
