import { watchFolder } from '../../lib/local/watch-folder.ts';
import type { WorkerSystem } from './worker-system.ts';

/**
 * Ends this process and its trainings within seconds after its data folder was deleted, because nobody can use their
 * results.
 */
export async function exitWhenFolderIsDeleted({
  directory,
  world,
  compute,
}: Pick<WorkerSystem, 'directory' | 'world' | 'compute'>): Promise<void> {
  await watchFolder(directory, async () => {
    world.log('worker.folder-gone', { directory, effect: 'the worker ends' });
    await compute.stopRunning(0);
    process.exit(1);
  });
}
