/** A file to upload: its bytes are read only when they are sent. */
export interface PickedFile {
  /** `CLASS/NAME`, or longer. */
  path: string;
  readonly size: number;
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
}
