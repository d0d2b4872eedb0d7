import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readStamp, STAMP_FILE, verifyStamp } from '../../lib/tensor/native/stamp.ts';
import { checkMachine } from './check-machine.ts';
import { compileAddon } from './compile-addon.ts';
import { fetchLibraries } from './fetch-libraries.ts';
import { installPackages } from './install-packages.ts';
import { linkLibraries } from './link-libraries.ts';
import { type Recipe, readRecipe } from './recipe.ts';
import { smokeTest } from './smoke-test.ts';
import { stampOf } from './stamp-of.ts';

/**
 * Builds native TensorFlow: the shared libraries of TensorFlow's own wheel, the npm package without its install script,
 * and the package's addon, compiled against the libraries. Builds and verifies it in a folder beside `into`, and then
 * replaces `into`, so nobody loads an incomplete runtime.
 * @param folder the recipe: package.json, package-lock.json and wheels.txt
 * @returns the line with which the new runtime describes itself
 * @throws RuntimeError NATIVE_* if the machine lacks something or a step fails
 */
export async function buildRuntime(folder: string, into: string, say: (line: string) => void): Promise<string> {
  const recipe = await readRecipe(folder);
  const ready = await alreadyBuilt(recipe, into);
  if (ready !== undefined) return ready;

  await checkMachine();
  await removeAbandoned(into);
  const building = `${into}.building-${process.pid}`;
  try {
    const libraries = await fetchLibraries(recipe, say);
    say(`Installing ${recipe.package} ${recipe.packageVersion} without its install script`);
    await mkdir(building, { recursive: true });
    await installPackages(recipe, building);
    await linkLibraries(libraries, recipe.packageFolder(building));
    say('Compiling the addon');
    await compileAddon(recipe, libraries, building);
    const description = await smokeTest(recipe, building);
    await writeFile(join(building, STAMP_FILE), JSON.stringify(await stampOf(recipe, building), null, 2));
    await replaceRuntime(building, into);
    return description;
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

/** The description of the runtime in `into`, if it was built by this recipe and still loads. */
async function alreadyBuilt(recipe: Recipe, into: string): Promise<string | undefined> {
  const stamp = readStamp(into);
  if (stamp?.recipe !== recipe.digest) return undefined;
  try {
    verifyStamp(into, stamp);
    return await smokeTest(recipe, into);
  } catch {
    return undefined;
  }
}

async function replaceRuntime(built: string, into: string): Promise<void> {
  const old = `${into}.old-${process.pid}`;
  await rename(into, old).catch(ignoreMissing);
  await rename(built, into);
  await rm(old, { recursive: true, force: true });
}

/** Removes the folders of killed builds, which are named for processes that no longer run. */
async function removeAbandoned(into: string): Promise<void> {
  for (const name of await readdir(dirname(into)).catch(() => [])) {
    const pid = /\.(?:building|old)-(\d+)$/.exec(name)?.[1];
    const abandoned = name.startsWith(`${basename(into)}.`) && pid !== undefined && !isRunning(Number(pid));
    if (abandoned) await rm(join(dirname(into), name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
