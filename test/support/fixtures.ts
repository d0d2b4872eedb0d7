import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The absolute path of a file or folder under test/fixtures. */
export function fixturePath(path: string): string {
  return fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
}

export async function readFixture(path: string): Promise<Uint8Array> {
  return readFile(fixturePath(path));
}
