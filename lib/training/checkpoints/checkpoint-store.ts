/** Stores the checkpoint of a training run. Saving replaces the previous one atomically. */
export interface CheckpointStore {
  load(): Promise<Uint8Array | undefined>;
  save(bytes: Uint8Array): Promise<void>;
}
