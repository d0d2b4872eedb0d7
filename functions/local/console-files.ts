/** The files of the console, compressed: as they were built beside this code or, in a checkout, built when first requested. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { readCompressedPageAsset } from '../../lib/model-exports/page-assets.ts';
import { openOnce } from '../../lib/open-once.ts';

/** By name, each compressed with gzip. */
export type ConsoleFiles = ReadonlyMap<string, Uint8Array>;

/** The folder, beside the built code, that holds the compressed files in a published package. */
export const CONSOLE_FOLDER = 'console-files';

const compress = promisify(gzip);

/**
 * Opens the files once for each process, so a change of the console's sources needs a new start of `graft dev`. If that
 * fails, the next request tries it again.
 */
export const { get: openConsole } = openOnce<ConsoleFiles>(() => readBuilt() ?? build());

/**
 * Reads the WebAssembly of ONNX Runtime, compressed with gzip, once for each process: requests need no token, and
 * responses that nobody reads would otherwise each hold a copy.
 */
export const { get: readConsoleRuntime } = openOnce(() => readCompressedPageAsset('onnxruntime.wasm'));

/** Writes the compressed files below a folder of built code. */
export async function writeConsole(folder: string): Promise<void> {
  const into = join(folder, CONSOLE_FOLDER);
  await mkdir(into, { recursive: true });
  for (const [name, bytes] of await build()) await writeFile(join(into, `${name}.gz`), bytes);
}

function readBuilt(): Promise<ConsoleFiles> | undefined {
  const folder = fileURLToPath(new URL(`./${CONSOLE_FOLDER}`, import.meta.url));
  return existsSync(folder) ? readFolder(folder) : undefined;
}

async function readFolder(folder: string): Promise<ConsoleFiles> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.gz'));
  const entries = names.map(
    async (name): Promise<[string, Uint8Array]> => [name.slice(0, -'.gz'.length), await readFile(join(folder, name))],
  );
  return new Map(await Promise.all(entries));
}

async function build(): Promise<ConsoleFiles> {
  // Loaded only here, because a published package has neither the sources nor the bundler.
  const { buildConsole } = await import('./build-console.ts');
  const entries = [...(await buildConsole())].map(
    async ([name, bytes]): Promise<[string, Uint8Array]> => [name, await compress(bytes, { level: 9 })],
  );
  return new Map(await Promise.all(entries));
}
