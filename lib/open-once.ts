/** Something that is opened at its first use. */
export interface OpenedOnce<Value> {
  /** Opens it, unless it is open. After a failure, the next call tries again. @throws as `open` */
  get(): Promise<Value>;
  /** @returns undefined if it was never opened, or its opening failed */
  opened(): Promise<Value | undefined>;
}

/** Opens something at its first use, such as a session that many processes never need. */
export function openOnce<Value>(open: () => Promise<Value>): OpenedOnce<Value> {
  let opening: Promise<Value> | undefined;
  return {
    get() {
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    opened: async () => opening?.catch(() => undefined),
  };
}
