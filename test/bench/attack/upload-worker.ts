/**
 * A process that uploads the given files as `graft upload` does, and reports the status of each response.
 * `upload-worker.ts ADDRESS`
 */
import { z } from 'zod';
import { uploadSource } from '../../../cli/commands/upload.ts';
import { createClient } from '../../../lib/client/client.ts';
import { httpTransport } from '../../../lib/client/transport.ts';
import { silent } from '../../support/silent.ts';

const [address = ''] = process.argv.slice(2);
const Order = z.object({ path: z.string(), name: z.string() });

process.on('message', async (order) => {
  const { path, name } = Order.parse(order);
  const statuses: number[] = [];
  const fetcher: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    statuses.push(response.status);
    return response;
  };
  const client = createClient(httpTransport(address, { fetcher }));
  const context = { client, wakeWorker: () => {}, store: undefined, locate: (key: string) => key, close: async () => {} };
  // A file that the command rejects never reaches the server; that is not a failure.
  await uploadSource(path, { name, maxRefused: 1 }, context, silent).catch(() => {});
  process.send?.({ statuses, peak: process.resourceUsage().maxRSS * 1024 });
});
