import { changeUpload, ended, endUpload, openUpload, type Records } from './upload-record.ts';

/**
 * Runs what adds a version to a data set without an upload of a client, as an upload of its own: only an open upload adds
 * versions.
 */
export async function withOwnUpload<Result>(
  name: string,
  world: Records,
  run: (upload: string) => Promise<Result>,
): Promise<Result> {
  const { id } = await openUpload({ name, maxRefused: 0, state: 'IMPORTING' }, world);
  try {
    const result = await run(id);
    await changeUpload(id, world, (current) => ended({ ...current, state: 'READY' }));
    return result;
  } catch (error) {
    await endUpload(id, error, world);
    throw error;
  }
}
