import { createHash } from 'node:crypto';
import type { UploadFile } from '../../../lib/contracts/dataset.ts';
import { asGraftError } from '../../../lib/errors.ts';
import type { World } from '../../../lib/ports.ts';
import { persist } from './persist.ts';
import { graft } from './simulated-graft.ts';

/** An upload in parts. Images are numbers: the same number is the same bytes. */
export interface PlannedUpload {
  readonly name: string;
  readonly parts: readonly (readonly number[])[];
}

/** As a client does that does what the API tells it. */
export async function sendUpload({ name, parts }: PlannedUpload, world: World): Promise<void> {
  const { id } = await graft.createUpload({ name, maxRefused: 0 }, world);
  let files = 0;
  for (const [number, images] of parts.entries()) {
    const listed = images.map((image, at) => fileOf(image, `${number}-${at}`));
    const { uploads } = await persist(() => graft.addFiles(id, listed, world), world);
    for (const { path, request } of uploads) {
      const image = images[listed.findIndex((file) => file.path === path)] ?? 0;
      await world.store.put(request.url, bytesOf(image));
    }
    files += listed.length;
  }
  await persist(() => graft.completeUpload(id, { parts: parts.length, files }, world), world);
}

export async function deleteName(name: string, world: World): Promise<void> {
  await graft.deleteDataset(name, world).catch((error) => {
    if (asGraftError(error).code !== 'DATASET_NOT_FOUND') throw error;
  });
}

export function bytesOf(image: number): Uint8Array {
  return new TextEncoder().encode(`image ${image}`);
}

export function fileOf(image: number, name: string): UploadFile {
  const bytes = bytesOf(image);
  return { path: `class/${name}-${image}.png`, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}
