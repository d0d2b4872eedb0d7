/** Something that is opened at its first use. */
export interface Lazy<Value> {
  /** Opens it at the first call. @throws as `open`; Error after `close` if it was never opened */
  get(): Value;
  /** Closes it if it was opened. */
  close(): void;
}

/** Opens something at its first use, so that a process that never uses it does not wait for it. */
export function lazily<Value extends { close(): void }>(open: () => Value): Lazy<Value> {
  let value: Value | undefined;
  let closed = false;
  return {
    get() {
      if (closed && value === undefined) throw new Error('it was closed before its first use');
      value ??= open();
      return value;
    },
    close() {
      closed = true;
      value?.close();
    },
  };
}
