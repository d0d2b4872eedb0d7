import { openS3Store } from '../../lib/aws/s3-store.ts';
import { makeBucket, s3Client } from '../support/aws/localstack.ts';
import { sendSigned } from '../support/aws/send-signed.ts';
import { objectStoreContract } from '../support/port-contracts.ts';

objectStoreContract('S3', async () => {
  const client = s3Client();
  const buckets = { data: await makeBucket(client, 'data'), models: await makeBucket(client, 'models') };
  return {
    store: openS3Store({ client, buckets }),
    upload: async (request, body) => (await sendSigned(request, body)) < 300,
    async dispose() {
      client.destroy();
    },
  };
});
