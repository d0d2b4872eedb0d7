import { expect, it } from 'vitest';
import { type LabelServer, type SetLabel, sendLabels } from '../../../console/labelling/send-labels.ts';
import { ConflictError } from '../../../lib/errors.ts';

/** A server that makes a version of each request, whose digest is its number. */
function opened() {
  const requests: { base: string | undefined; labels: readonly SetLabel[] }[] = [];
  const server: LabelServer = {
    async setLabels({ base, labels }) {
      requests.push({ base, labels });
      return { digest: `${requests.length}` };
    },
    latest: async () => '0',
    labelsOf: async () => new Map(),
  };
  return { server, requests };
}

const isWanted = () => true;

it.each([
  ['short paths', 1_000, 20],
  ['long paths', 1_000, 90],
  ['paths of other scripts', 300, 200, 'ä'],
  ['more images than a request may have', 2_500, 8],
])('each request fits among those that outlive their page: %s', async (_, count, length, letter = 'a') => {
  const { server, requests } = opened();
  const labels = Array.from({ length: count }, (_, i) => ({ image: `${i}`.padStart(length, letter), labels: ['glass'] }));
  const sent = await sendLabels(server, labels, { isWanted });
  expect(requests.flatMap((request) => request.labels)).toEqual(labels);
  // Two at once are below the 64 KiB that browsers allow.
  for (const request of requests) expect(Buffer.byteLength(JSON.stringify(request))).toBeLessThanOrEqual(32 * 1024);
  for (const request of requests) expect(request.labels.length).toBeLessThanOrEqual(1_000);
  expect(requests.map(({ base }) => base)).toEqual([undefined, ...requests.slice(1).map((_, index) => `${index + 1}`)]);
  expect([sent.labels.size, sent.digest]).toEqual([count, `${requests.length}`]);
});

it('sends a label that is larger than a request on its own', async () => {
  const { server, requests } = opened();
  const labels = Array.from({ length: 40 }, (_, i) => `${i}`.repeat(500));
  await sendLabels(
    server,
    [
      { image: 'a', labels },
      { image: 'b', labels },
    ],
    { isWanted },
  );
  expect(requests.map((request) => request.labels.length)).toEqual([1, 1]);
});

it('gives up after five attempts while others change the data set', async () => {
  let requests = 0;
  const changed = new ConflictError('DATASET_VERSION_CHANGED', {});
  const server: LabelServer = {
    ...opened().server,
    setLabels: async () => {
      requests++;
      throw changed;
    },
  };
  await expect(sendLabels(server, [{ image: 'a', labels: ['x'] }], { base: '0', isWanted })).rejects.toBe(changed);
  expect(requests).toBe(5);
});
