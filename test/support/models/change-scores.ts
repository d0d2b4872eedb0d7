import { reportFiles } from '../../../lib/models/report-files.ts';
import type { ObjectStore } from '../../../lib/ports.ts';

/** Changes one logit in the stored scores of a version: the file can still be read. */
export async function changeScores(store: ObjectStore, prefix: string): Promise<void> {
  const key = `${prefix}${reportFiles.scores}`;
  const bytes = Uint8Array.from((await store.get(key))?.body ?? []);
  // The header has the length of its JSON in the first eight bytes; the tensors follow it.
  const firstValue = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  bytes[firstValue] = (bytes[firstValue] ?? 0) ^ 1;
  await store.put(key, bytes);
}
