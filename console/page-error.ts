/** Something that the page itself finds wrong: a sentence, and how to fix it. */
export class PageError extends Error {
  override readonly name: string = 'PageError';
  readonly fix: string | undefined;

  constructor(message: string, fix?: string) {
    super(message);
    this.fix = fix;
  }
}
