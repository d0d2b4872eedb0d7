import type { Client } from '../lib/client/client.ts';
import type { LabelServer, Labels } from './send-labels.ts';

/** More images than are between the start of a name and the name. */
const LOOKED_AT = 200;

/** Sets and reads labels of a data set by the API. */
export function labelServer({ datasets }: Pick<Client, 'datasets'>, name: string): LabelServer {
  async function labelsOf(paths: readonly string[]): Promise<ReadonlyMap<string, Labels>> {
    const wanted = new Set(paths);
    const found = new Map<string, Labels>();
    // The list is by path, so each part of it may have several of the images.
    for (const path of [...wanted].sort()) {
      if (found.has(path)) continue;
      // The list begins after the start of this one.
      const start = path.slice(0, -1);
      const { images } = await datasets.images(name, { limit: LOOKED_AT, ...(start !== '' && { after: start }) });
      for (const image of images)
        if (wanted.has(image.path)) found.set(image.path, image.unlabelled === true ? null : image.labels);
    }
    return found;
  }
  return {
    setLabels: (request) => datasets.setLabels(name, request),
    latest: async () => (await datasets.get(name)).digest,
    labelsOf,
  };
}
