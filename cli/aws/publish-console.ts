import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { messageOf } from '../../lib/contracts/errors/message-of.ts';
import type { SignInSettings } from '../../lib/contracts/sign-in-settings.ts';
import { RuntimeError } from '../../lib/errors.ts';
import { siteFiles } from './site-files.ts';

/**
 * Puts the console into the bucket of its site, the page last. Files of earlier versions stay, because open tabs may
 * still load them.
 * @throws RuntimeError CONSOLE_NOT_PUBLISHED
 */
export async function publishConsole(bucket: string, region: string, signIn: SignInSettings): Promise<void> {
  const client = new S3Client({ region, forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined });
  try {
    for (const { key, body, contentType, contentEncoding, cacheControl } of await siteFiles(signIn)) {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: body,
          ContentType: contentType,
          ContentEncoding: contentEncoding,
          CacheControl: cacheControl,
        }),
      );
    }
  } catch (cause) {
    throw new RuntimeError('CONSOLE_NOT_PUBLISHED', {
      at: bucket,
      expected: 'S3 to store the files of the console',
      received: messageOf(cause),
      fix: 'everything else is deployed: use credentials that may s3:PutObject there, and repeat the command',
      cause,
    });
  } finally {
    client.destroy();
  }
}
