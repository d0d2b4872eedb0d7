import { downloadFailed, sizeMismatch, weightsTooLarge } from './download-errors.ts';

/** Keras's largest file has 1.4 GB. */
const MAX_BYTES = 4 * 2 ** 30;

/** Collects the bytes of one file over several requests for its missing ranges (RFC 9110, section 14). */
export class Transfer {
  readonly url: string;
  /** The server's version identifier of the bytes, for If-Range. */
  version: string | undefined;
  length = 0;
  /** Size of the whole file in bytes. Undefined if the server does not report it. */
  total: number | undefined;
  /** Number of bytes already stored elsewhere. */
  kept = 0;
  readonly #size: number | undefined;
  #buffer = new Uint8Array(0);

  /** @param size of the whole file, if known */
  constructor(url: string, size: number | undefined) {
    this.url = url;
    this.#size = size;
  }

  /** Returns the bytes received so far. */
  bytes(): Uint8Array {
    return this.#buffer.length === this.length ? this.#buffer : this.#buffer.subarray(0, this.length);
  }

  /** Adds a part that was stored by an earlier transfer of this version. */
  take(part: Uint8Array, version: string | undefined): void {
    this.add(part);
    this.version = version;
    this.kept = this.length;
  }

  /**
   * Returns the headers of the next request. If the server does not identify the file's version, requests the whole
   * file again.
   */
  headers(): Record<string, string> {
    if (this.version === undefined) this.#forget();
    const { length, version } = this;
    const missing = length > 0 && version !== undefined ? { range: `bytes=${length}-`, 'if-range': version } : {};
    // The length of a compressed response would differ from the reported one.
    return { 'accept-encoding': 'identity', ...missing };
  }

  /**
   * Starts reading a response.
   * @returns whether bytes follow
   * @throws Error if a retry may help
   */
  begin({ status, headers }: Response): boolean {
    const { start, total } = rangeOf(headers.get('content-range'));
    // The requested range starts after the last byte.
    if (status === 416 && total === this.length) return this.#expect(total, false);
    if (status === 206 && start === this.length) return this.#expect(total, true);
    const isRange = status === 206 || status === 416;
    if (isRange || status === 200) this.#forget();
    if (status === 200) {
      this.version = versionOf(headers);
      const length = headers.get('content-length');
      return this.#expect(length === null ? undefined : Number(length), true);
    }
    const isTransient = isRange || status === 408 || status === 425 || status === 429 || status >= 500;
    if (isTransient) throw new Error(`status ${status}`);
    throw downloadFailed(this.url, `status ${status}`, { retryable: false });
  }

  add(chunk: Uint8Array): void {
    const length = this.length + chunk.length;
    if (length > MAX_BYTES) throw weightsTooLarge(this.url, MAX_BYTES, length);
    if (length > this.#buffer.length) this.#grow(Math.max(length, this.total ?? 2 * this.#buffer.length));
    this.#buffer.set(chunk, this.length);
    this.length = length;
  }

  /** Ends the transfer. @throws Error if the connection closed too early */
  end(): void {
    const total = this.total ?? this.#size ?? this.length;
    if (this.length < total) throw new Error(`the connection ended at byte ${this.length} of ${total}`);
    if (this.length > total) throw sizeMismatch(this.url, total, this.length);
  }

  #expect(total: number | undefined, follows: boolean): boolean {
    if (total !== undefined && this.#size !== undefined && total !== this.#size) throw sizeMismatch(this.url, this.#size, total);
    if (total !== undefined && total > MAX_BYTES) throw weightsTooLarge(this.url, MAX_BYTES, total);
    this.total = total;
    return follows;
  }

  #grow(capacity: number): void {
    const buffer = new Uint8Array(capacity);
    buffer.set(this.bytes());
    this.#buffer = buffer;
  }

  #forget(): void {
    this.length = 0;
    this.kept = 0;
    this.version = undefined;
  }
}

/** Parses `bytes 100-199/200`, or `bytes *` and the total if there is no range. */
function rangeOf(header: string | null): { start: number | undefined; total: number | undefined } {
  const [, start, total] = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(header ?? '') ?? [];
  return { start: numberOf(start), total: numberOf(total) };
}

function numberOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

/** Returns a strong validator. A weak ETag only means that versions are equivalent. */
function versionOf(headers: Headers): string | undefined {
  const etag = headers.get('etag');
  return etag && !etag.startsWith('W/') ? etag : (headers.get('last-modified') ?? undefined);
}
