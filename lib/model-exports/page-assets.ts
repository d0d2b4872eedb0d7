/**
 * What exported pages contain besides the model: their script with ONNX Runtime, and its WebAssembly. onnxruntime-web
 * has 140 MB; the published package of Graft, the training function and the training image contain only these files,
 * compressed.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { messageOf } from '../contracts/errors/message-of.ts';
import { RuntimeError } from '../errors.ts';

/**
 * The scripts by their modules: for a page that downloads its files, for one that contains them, and for the page of
 * `graft verify --in chromium`.
 */
const scripts = {
  'folder-page.js': { entry: 'page.mjs', loader: 'download-files.mjs' },
  'single-page.js': { entry: 'page.mjs', loader: 'unpack-files.mjs' },
  'verify-page.js': { entry: 'verify.mjs', loader: 'download-files.mjs' },
} as const;

export type PageScript = keyof typeof scripts;
type PageAsset = PageScript | 'onnxruntime.wasm';

/** The folder, beside the built or installed code, that holds the compressed files. */
const FOLDER = 'page-assets';

const [compress, decompress] = [promisify(gzip), promisify(gunzip)];

/**
 * Returns a file as it was built beside this code or, in a checkout, builds it.
 * @throws RuntimeError EXPORT_RUNTIME_MISSING if there is neither
 */
export async function readPageAsset(name: PageAsset): Promise<Uint8Array> {
  const built = builtFile(name);
  return existsSync(built) ? decompress(await readFile(built)) : build(name);
}

/** As `readPageAsset`, compressed with gzip. */
export async function readCompressedPageAsset(name: PageAsset): Promise<Uint8Array> {
  const built = builtFile(name);
  return existsSync(built) ? readFile(built) : compress(await build(name));
}

function builtFile(name: PageAsset): string {
  return fileURLToPath(new URL(`./${FOLDER}/${name}.gz`, import.meta.url));
}

/** Writes the compressed files below a folder of built code. */
export async function writePageAssets(folder: string): Promise<void> {
  const into = join(folder, FOLDER);
  await mkdir(into, { recursive: true });
  for (const name of ['folder-page.js', 'single-page.js', 'verify-page.js', 'onnxruntime.wasm'] as const) {
    await writeFile(join(into, `${name}.gz`), await compress(await build(name), { level: 9 }));
  }
}

async function build(name: PageAsset): Promise<Uint8Array> {
  try {
    return name === 'onnxruntime.wasm' ? await readFile(runtimeFile('ort-wasm-simd-threaded.wasm')) : await bundle(scripts[name]);
  } catch (cause) {
    throw new RuntimeError('EXPORT_RUNTIME_MISSING', {
      at: name,
      expected: 'ONNX Runtime for browsers in this installation of Graft',
      received: messageOf(cause),
      fix: 'use the format onnx or npm, or run graft export on your machine',
      cause,
    });
  }
}

function runtimeFile(name: string): string {
  return createRequire(import.meta.url).resolve(`onnxruntime-web/${name}`);
}

async function bundle({ entry, loader }: (typeof scripts)[PageScript]): Promise<Uint8Array> {
  const { build } = await import('esbuild');
  const page = fileURLToPath(new URL('./templates/page', import.meta.url));
  const { outputFiles } = await build({
    entryPoints: [join(page, entry)],
    alias: { 'load-files': join(page, loader) },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    logLevel: 'error',
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}
