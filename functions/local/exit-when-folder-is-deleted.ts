import { watchFolder } from '../../lib/local/watch-folder.ts';
import type { LocalSystem } from './local-system.ts';

/** Ends this process, and the trainings that it has started, within seconds of its data folder being deleted: nobody waits for its work any more. */
export async function exitWhenFolderIsDeleted({
  directory,
  world,
  compute,
}: Pick<LocalSystem, 'directory' | 'world' | 'compute'>): Promise<void> {
  await watchFolder(directory, async () => {
    world.log('worker.folder-gone', { directory, effect: 'the worker ends' });
    await compute.stopRunning(0);
    process.exit(1);
  });
}
