/**
 * A process for the bench `upload`: `upload-to-aws.ts FOLDER` uploads a folder as `graft upload` does, to the buckets and
 * queues that the environment names. The functions of the API and of the import run in this process. Prints the digest of
 * the data set's version as JSON.
 */
import { SQSClient } from '@aws-sdk/client-sqs';
import { uploadSource } from '../../cli/commands/upload.ts';
import { createOutput } from '../../cli/output.ts';
import { handler as api } from '../../functions/api/main.ts';
import { routes } from '../../functions/api/routes.ts';
import { handler as imports } from '../../functions/import/main.ts';
import { clientSettings } from '../../lib/aws/clients.ts';
import { requireEnv } from '../../lib/aws/require-env.ts';
import { createClient } from '../../lib/client/client.ts';
import { deliverOne, httpApi } from '../support/aws/lambda-events.ts';

const [, , folder = ''] = process.argv;
const sqs = new SQSClient(clientSettings());
const queue = requireEnv(process.env, 'GRAFT_IMPORT_QUEUE_URL');
const context = {
  client: createClient(httpApi(() => api, routes)),
  wakeWorker: () => void importAll(),
  store: undefined,
  locate: String,
  close: async () => {},
};
const { digest } = await uploadSource(folder, { name: 'squares' }, context, createOutput({ json: true }));
console.log(JSON.stringify({ digest }));
process.exit(0);

/** Hands the messages of the queue to the function that imports. */
async function importAll(): Promise<never> {
  for (;;) await deliverOne(sqs, queue, imports);
}
