import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { MlflowRun } from './files-of-version.ts';

/**
 * Writes a run into the folder of a file store. The folder of an experiment that exists keeps its meta.yaml.
 * @param makeFolder makes the run's folder in that of its experiment, which must not exist yet
 * @returns the paths of the run's files
 */
export async function writeRun(
  folder: string,
  { experiment, run, experimentFiles, runFiles }: MlflowRun,
  makeFolder: (folder: string, name: string) => Promise<string>,
): Promise<string[]> {
  const directory = await makeFolder(join(folder, experiment), run);
  await mkdir(join(directory, 'artifacts'));
  for (const [path, content] of experimentFiles) {
    await writeFile(join(folder, experiment, path), content, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  const files: string[] = [];
  for (const [path, content] of runFiles) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content, { flag: 'wx' });
    files.push(file);
  }
  return files;
}
