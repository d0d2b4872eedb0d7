import { GetObjectCommand, type GetObjectCommandInput, type S3Client } from '@aws-sdk/client-s3';

/** The most requests for one body. Each has the SDK's attempts until its headers arrive. */
const ATTEMPTS = 3;

export interface ReadObject {
  readonly body: Uint8Array;
  /** Empty if the response has none. */
  readonly etag: string;
  readonly version: string | undefined;
}

/**
 * Reads an object or a range of it. The SDK sends a request again until the headers of a response have arrived; where the
 * connection breaks after them, the object is requested again. Body, ETag and version are those of one response.
 * @throws the errors of the SDK, and the last failure to read the body
 */
export async function readObject(client: S3Client, input: GetObjectCommandInput): Promise<ReadObject> {
  for (let attempt = 1; ; attempt++) {
    const { Body, ETag = '', VersionId: version } = await client.send(new GetObjectCommand(input));
    try {
      return { body: (await Body?.transformToByteArray()) ?? new Uint8Array(), etag: ETag, version };
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}
