import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RuntimeError } from '../../errors.ts';

/**
 * What `npm run native` writes last into the folder of a runtime it has built: proof that the build was finished, and all
 * that must still hold when it is loaded.
 */
export const RuntimeStamp = z.object({
  /** `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
  package: z.string(),
  /** Pinned wheels, as `name==version`. */
  wheels: z.array(z.string()),
  /** SHA-256 over everything that decides how the runtime is built; another recipe means another build. */
  recipe: z.string(),
  platform: z.string(),
  arch: z.string(),
  /** The version of Node-API that the addon needs; Node's own ABI number does not matter to it. */
  napi: z.number(),
  /** The addon, relative to the folder, and its SHA-256. */
  addon: z.object({ path: z.string(), sha256: z.string() }),
  /** The shared libraries, relative to the folder, and their sizes in bytes. */
  libraries: z.record(z.string(), z.number()),
});
export type RuntimeStamp = z.infer<typeof RuntimeStamp>;

export const STAMP_FILE = 'stamp.json';

/** The stamp of a built runtime, or undefined where none is finished. */
export function readStamp(folder: string): RuntimeStamp | undefined {
  try {
    return RuntimeStamp.parse(JSON.parse(readFileSync(join(folder, STAMP_FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Holds a built runtime to its stamp, so that no other machine's and no damaged one is loaded: that would end the process.
 * @throws RuntimeError NATIVE_INCOMPATIBLE, NATIVE_DAMAGED
 */
export function verifyStamp(folder: string, stamp: RuntimeStamp): void {
  const built = `${stamp.platform} ${stamp.arch}, Node-API ${stamp.napi}`;
  const here = `${process.platform} ${process.arch}, Node-API ${process.versions.napi}`;
  if (stamp.platform !== process.platform || stamp.arch !== process.arch || stamp.napi > Number(process.versions.napi)) {
    throw new RuntimeError('NATIVE_INCOMPATIBLE', { at: folder, expected: here, received: built, fix: 'npm run native' });
  }
  if (sha256(join(folder, stamp.addon.path)) !== stamp.addon.sha256) {
    throw new RuntimeError('NATIVE_DAMAGED', {
      at: join(folder, stamp.addon.path),
      expected: 'the addon that was built',
      fix: 'npm run native',
    });
  }
  for (const [path, bytes] of Object.entries(stamp.libraries)) {
    if (statSync(join(folder, path), { throwIfNoEntry: false })?.size !== bytes) {
      throw new RuntimeError('NATIVE_DAMAGED', { at: join(folder, path), expected: `${bytes} bytes`, fix: 'npm run native' });
    }
  }
}

function sha256(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return undefined;
  }
}
