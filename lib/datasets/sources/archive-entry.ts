/** Something in an archive. */
export interface ArchiveEntry {
  /** As the archive writes it, with "/". */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link' | 'encrypted' | 'other';
  /** Bytes, as the archive announces them. */
  readonly size: number;
  /** CRC-32 of the bytes, where the archive has it. */
  readonly crc32?: number;
  /** The bytes, before the next entry is asked for. */
  open(): Promise<AsyncIterable<Uint8Array>>;
}
