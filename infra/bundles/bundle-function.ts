import { cp, link, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join, relative } from 'node:path';
import { build } from 'esbuild';
import { writeDocsAssets } from '../../functions/api/docs-assets.ts';
import { englishOnly } from '../../functions/local/english-only.ts';
import { writePageAssets } from '../../lib/model-exports/page-assets.ts';
import { type FunctionBundle, type NativePackage, nativePackages } from './functions.ts';
import { requireInOrder } from './require-in-order.ts';
import { sdkAsModules } from './sdk-as-modules.ts';

export interface BundleOptions {
  /** The root of the repository. */
  readonly root: string;
  /** The folder whose node_modules holds the native packages. */
  readonly packages: string;
  /** The folder to write. */
  readonly folder: string;
}

/**
 * Writes a function's folder for Lambda: its code as one ES module with all of its packages, its threads beside it, in
 * one or more modules, and under node_modules the native packages without files that Lambda does not read.
 */
export async function bundleFunction(bundle: FunctionBundle, { root, packages, folder }: BundleOptions): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const carried = bundle.packages ?? [];
  const threads = Object.entries(bundle.threads ?? {});
  await Promise.all([
    writeFile(join(folder, 'package.json'), '{"type":"module"}\n'),
    bundleModule(join(root, bundle.entry), join(folder, 'index.js'), carried),
    // A thread takes less CPU time to start without the code that it imports only if needed. The function itself stays
    // one module: code that modules share would run before the first of them, which starts a thread.
    ...threads.map(([name, entry]) => bundleModule(join(root, entry), join(folder, name), carried, { splitting: true })),
    ...carried.map((name) => copyPackage(name, packages, folder)),
    ...(bundle.files ?? []).map((path) => linkOrCopy(join(root, path), join(folder, path))),
  ]);
  if (bundle.docs === true) writeDocsAssets(folder);
  if (bundle.exports === true) {
    await cp(join(root, 'lib/model-exports/templates'), join(folder, 'templates'), { recursive: true });
    await writePageAssets(folder);
  }
}

/**
 * @param splitting whether dynamic imports become modules of their own
 * @throws Error if the code imports a native package that its bundle does not have; otherwise it would fail at run time
 */
async function bundleModule(
  entry: string,
  outfile: string,
  carried: readonly string[],
  { splitting = false }: { readonly splitting?: boolean } = {},
): Promise<void> {
  const extension = extname(outfile);
  const { metafile } = await build({
    entryPoints: [{ in: entry, out: basename(outfile, extension) }],
    outdir: dirname(outfile),
    outExtension: { '.js': extension },
    splitting,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // Not minified, so that stack traces are readable; loading takes as long.
    legalComments: 'none',
    // esbuild makes the pages of exports in a checkout; a bundle has them.
    external: ['esbuild'],
    plugins: [requireInOrder(Object.keys(nativePackages)), englishOnly(), sdkAsModules()],
    banner: { js: COMMON_JS },
    metafile: true,
    logLevel: 'error',
  });
  const reached = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  const missing = Object.keys(nativePackages).find((name) => reached.includes(name) && !carried.includes(name));
  if (missing !== undefined) throw new Error(`${entry} reaches ${missing}, which its function does not carry`);
}

/** Globals that CommonJS packages expect. */
const COMMON_JS = [
  "import { createRequire as createRequireOfBundle } from 'node:module';",
  'const require = createRequireOfBundle(import.meta.url);',
  'const __filename = import.meta.filename, __dirname = import.meta.dirname;',
].join('\n');

async function copyPackage(name: NativePackage, packages: string, folder: string): Promise<void> {
  for (const part of nativePackages[name]) {
    const from = join(packages, 'node_modules', part);
    for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isDirectory() || !runsOnLambda(join(part, relative(from, path)))) continue;
      await linkOrCopy(path, join(folder, 'node_modules', part, relative(from, path)));
    }
  }
}

/**
 * Whether Lambda needs a file of a native package: not documentation, nor files for other platforms, bundlers and GPUs.
 */
export function runsOnLambda(path: string): boolean {
  if (/(^|\/)(LICEN[CS]E|NOTICE|ThirdPartyNotices)[^/]*$/i.test(path)) return true;
  if (/\.(map|md|[cm]?ts|h|c|cc|gyp|bat)$|\/(src|script|install|__commit)\b/.test(path)) return false;
  if (/^onnxruntime-node\/bin\//.test(path)) return /\/linux\/x64\/(?!.*_providers_(cuda|tensorrt))/.test(path);
  if (path.startsWith('onnxruntime-common/dist/')) return path.startsWith('onnxruntime-common/dist/cjs/');
  return true;
}

/** Makes a hard link, which takes no space; a copy if the cache is on another file system. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(() => cp(from, to));
}
