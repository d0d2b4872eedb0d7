import type { Client } from '../lib/client/client.ts';
import type { LabelServer } from './label-queue.ts';

/** More images than are between the start of a name and the name. */
const LOOKED_AT = 200;

/** Sets and reads labels of a data set by the API. */
export function labelServer({ datasets }: Pick<Client, 'datasets'>, name: string): LabelServer {
  async function labelOf(path: string): Promise<[string, readonly string[] | null][]> {
    // The list is by path, and begins after the start of this one.
    const start = path.slice(0, -1);
    const { images } = await datasets.images(name, { limit: LOOKED_AT, ...(start !== '' && { after: start }) });
    const found = images.find((image) => image.path === path);
    return found === undefined ? [] : [[path, found.unlabelled === true ? null : found.labels]];
  }
  return {
    setLabels: (request) => datasets.setLabels(name, request),
    latest: async () => (await datasets.get(name)).digest,
    labelsOf: async (paths) => new Map((await Promise.all(paths.map(labelOf))).flat()),
  };
}
