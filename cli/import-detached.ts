/** Ends a command whose user no longer waits for an import, which goes on. */
export class ImportDetached extends Error {
  override readonly name = 'ImportDetached';
  /** The id of the upload. */
  readonly id: string;

  constructor(id: string) {
    super('The import goes on');
    this.id = id;
  }
}
