import type { Client } from '../../lib/client/client.ts';
import { MOST_LABELS_AT_ONCE } from '../../lib/contracts/request-limits.ts';
import type { LabelServer, Labels } from './send-labels.ts';

/** Sets and reads labels of a data set by the API. */
export function labelServer({ datasets }: Pick<Client, 'datasets'>, name: string): LabelServer {
  async function labelsOf(paths: readonly string[]): Promise<ReadonlyMap<string, Labels>> {
    const wanted = [...new Set(paths)];
    const found = new Map<string, Labels>();
    for (let start = 0; start < wanted.length; start += MOST_LABELS_AT_ONCE) {
      const some = wanted.slice(start, start + MOST_LABELS_AT_ONCE);
      for (let after: string | undefined; ; ) {
        const { images, next } = await datasets.labels(name, some, { after });
        for (const { path, labels } of images) found.set(path, labels);
        if (next === undefined) break;
        after = next;
      }
    }
    return found;
  }
  return {
    setLabels: (request) => datasets.setLabels(name, request),
    latest: async () => (await datasets.get(name)).digest,
    labelsOf,
  };
}
