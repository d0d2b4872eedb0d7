/** Where the one checkpoint of a training run lies. A save replaces the one before, whole or not at all. */
export interface CheckpointStore {
  load(): Promise<Uint8Array | undefined>;
  save(bytes: Uint8Array): Promise<void>;
}
