import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { RuntimeError } from '../../errors.ts';

/**
 * The stamp of a built runtime. `npm run native` writes it last, so it proves that the build is complete. It records
 * everything that must still hold when the runtime is loaded.
 */
export const RuntimeStamp = z.object({
  /** `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu`. */
  package: z.string(),
  /** Pinned wheels, as `name==version`. */
  wheels: z.array(z.string()),
  /** SHA-256 of everything that determines the build. A different recipe requires a new build. */
  recipe: z.string(),
  platform: z.string(),
  arch: z.string(),
  /** The Node-API version that the addon needs. Node's own ABI version does not matter to it. */
  napi: z.number(),
  /** The addon's path relative to the folder, and its SHA-256. */
  addon: z.object({ path: z.string(), sha256: z.string() }),
  /** Sizes in bytes of the shared libraries, by path relative to the folder. */
  libraries: z.record(z.string(), z.number()),
});
/** The parsed stamp. */
export type RuntimeStamp = z.infer<typeof RuntimeStamp>;

/** File name of the stamp in the runtime's folder. */
export const STAMP_FILE = 'stamp.json';

/** Reads the stamp of a built runtime. @returns undefined if there is no complete build */
export function readStamp(folder: string): RuntimeStamp | undefined {
  try {
    return RuntimeStamp.parse(JSON.parse(readFileSync(join(folder, STAMP_FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

/**
 * Checks a built runtime against its stamp. Loading a damaged runtime, or one built for another machine, would crash
 * the process.
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
