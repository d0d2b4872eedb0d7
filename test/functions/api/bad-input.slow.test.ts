import { request } from 'node:http';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { BODY_BYTES } from '../../../functions/api/limits.ts';
import { serve } from '../../../functions/local/serve.ts';
import { limitBuckets } from '../../../lib/store/source-buckets.ts';
import { apiSystem, ask, constantSession, overHttp, picture, publishConstant } from '../../support/api.ts';
import { zipOf } from '../../support/datasets/archives.ts';
import { disguisedSvg } from '../../support/datasets/disguised-svg.ts';

const predictUrl = '/v1/models/two/predict';
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');

async function withModel() {
  const system = apiSystem({ openSession: constantSession });
  await publishConstant(system.world.store, 'two');
  return { ...system, api: await overHttp(system.api) };
}

async function animated(format: 'gif' | 'webp'): Promise<Uint8Array> {
  const frames = await Promise.all(['red', 'blue', 'green'].map((background) => picture({ background })));
  return sharp(frames, { join: { animated: true } })
    [format]()
    .toBuffer();
}

describe('an image is what its bytes say', () => {
  test.each([
    ['a GIF that calls itself a JPEG', () => animated('gif'), 'image/jpeg'],
    ['an animated WebP, by its first frame', () => animated('webp'), 'image/webp'],
    ['one of 50 million pixels', () => picture({ width: 10_000, height: 5_000 }), 'image/png'],
  ])('%s is answered', async (_, bytes, contentType) => {
    const { api } = await withModel();
    const { status, json } = await ask(api, `POST ${predictUrl}`, await bytes(), { 'content-type': contentType });
    expect(status, JSON.stringify(json)).toBe(200);
    expect(json.predictions).toHaveLength(1);
  });

  test.each([
    ['one of 51 million pixels', () => picture({ width: 10_200, height: 5_000 }), 'IMAGE_TOO_LARGE'],
    ['one cut short', async () => (await picture({ width: 200, height: 200 })).slice(0, 60), 'IMAGE_TRUNCATED'],
    ['an archive', async () => zipOf([{ name: 'a/1.jpg', bytes: 'zeros' }]), 'IMAGE_FORMAT_UNSUPPORTED'],
    [
      'a drawing that names a file',
      async () => Buffer.from('<svg><image href="/etc/passwd"/></svg>'),
      'IMAGE_FORMAT_UNSUPPORTED',
    ],
    ['a drawing that calls itself AVIF', async () => disguisedSvg, 'IMAGE_FORMAT_UNSUPPORTED'],
    ['a JPEG by its first bytes only', async () => Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]), 'IMAGE_TRUNCATED'],
  ])('%s is refused with 422', async (_, bytes, code) => {
    const { api } = await withModel();
    expect((await ask(api, `POST ${predictUrl}`, await bytes())).json).toMatchObject({ status: 422, code });
    const inJson = await ask(api, `POST ${predictUrl}`, {
      images: [{ base64: base64(await picture()) }, { base64: base64(await bytes()) }],
    });
    expect(inJson.json).toMatchObject({ status: 422, code, at: '1' });
    const named = await ask(api, `POST ${predictUrl}`, { images: [{ name: 'b.jpg', base64: base64(await bytes()) }] });
    expect(named.json).toMatchObject({ status: 422, code, at: 'b.jpg' });
  });
});

describe('images in JSON', () => {
  test.each([
    ['no base64', { images: [{ base64: '%%%' }] }],
    ['base64 of half a byte', { images: [{ base64: 'A' }] }],
    ['base64 for URLs', { images: [{ base64: '__-_' }] }],
    ['nothing in base64', { images: [{ base64: '' }] }],
    ['an image and an address at once', { images: [{ base64: 'AAAA', uri: 's3://graft/inputs/a' }] }],
    ['33 images', { images: Array.from({ length: 33 }, () => ({ base64: 'AAAA' })) }],
    ['none', { images: [] }],
  ])('%s: 400, with where it is', async (_, body) => {
    const { api } = await withModel();
    const { json } = await ask(api, `POST ${predictUrl}`, body);
    expect(json).toMatchObject({ status: 400, at: expect.stringMatching(/^images/) });
  });

  test('of more than 4 MiB together are refused before any is decoded', async () => {
    const { api } = await withModel();
    const large = base64(new Uint8Array(2.2 * 2 ** 20));
    const { json } = await ask(api, `POST ${predictUrl}`, { images: [{ base64: large }, { base64: large }] });
    expect(json).toMatchObject({ status: 400, code: 'IMAGES_TOO_LARGE', at: 'images.1' });
  });
});

describe('an address in S3 that is not for callers', () => {
  /** A system that may read a part of one bucket, and what it has asked S3 for. */
  async function watched() {
    const asked: string[] = [];
    const buckets = limitBuckets([{ bucket: 'photos', prefix: 'public/' }], {
      async list(bucket, prefix) {
        asked.push(`s3://${bucket}/${prefix}`);
        return { objects: [], more: false };
      },
      async read({ bucket, key }) {
        asked.push(`s3://${bucket}/${key}`);
        return undefined;
      },
    });
    const system = apiSystem({ openSession: constantSession, buckets });
    await publishConstant(system.world.store, 'two');
    return { ...system, api: await overHttp(system.api), asked };
  }

  test.each([
    ['a bucket of somebody else', 's3://victim/inputs/', 'BUCKET_NOT_ALLOWED'],
    ['a part of a bucket that is not allowed', 's3://photos/private/', 'BUCKET_NOT_ALLOWED'],
    ['more than the part that is allowed', 's3://photos/', 'BUCKET_NOT_ALLOWED'],
    ['what only begins like the part that is allowed', 's3://photos/publicity/', 'BUCKET_NOT_ALLOWED'],
    ["the system's own records", 's3://graft/jobs/', 'URI_FORBIDDEN'],
    ['a way out of the folder of images', 's3://graft/inputs/../jobs/', 'URI_FORBIDDEN'],
    ['the whole of its own bucket', 's3://graft/', 'URI_FORBIDDEN'],
  ])('%s is refused, and never fetched', async (_, prefix, code) => {
    const { api, asked, world } = await watched();
    const answer = await ask(api, 'POST /v1/models/two/batch-predictions', { prefix });
    expect(answer.json).toMatchObject({ status: 403, code, at: expect.stringMatching(/^s3:/) });
    expect((await world.store.list('jobs/')).objects).toEqual([]);
    const image = await ask(api, `POST ${predictUrl}`, { images: [{ uri: `${prefix}a.jpg` }] });
    expect(image.json).toMatchObject({ status: 403, code: 'URI_FORBIDDEN' });
    expect(asked).toEqual([]);
  });

  test.each(['../jobs/', 'jobs/', 'inputs/../jobs/', 'file:///etc/', '/etc/', 'http://169.254.169.254/'])(
    'the prefix %s is none',
    async (prefix) => {
      const { api, asked } = await watched();
      const answer = await ask(api, 'POST /v1/models/two/batch-predictions', { prefix });
      expect(answer.json).toMatchObject({ status: 400, at: 'prefix', expected: 'inputs/PREFIX or s3://BUCKET/PREFIX' });
      expect(asked).toEqual([]);
    },
  );
});

describe('a body larger than any may be', () => {
  /** Sends a body over HTTP, piece by piece, until it is answered. @returns the status, and how many bytes were sent */
  async function post(headers: Record<string, string>, body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    const { api } = apiSystem();
    const server = await serve(api, { host: '127.0.0.1', port: 0 });
    onTestFinished(() => server.close());
    let sent = 0;
    let answered = false;
    const status = await new Promise<number>((resolve, reject) => {
      const sending = request(new URL(predictUrl, server.address), { method: 'POST', headers }, (response) => {
        answered = true;
        response.resume();
        resolve(response.statusCode ?? 0);
        sending.destroy();
      });
      // What is on its way when the server hangs up is lost; the answer is not.
      sending.on('error', (error) => answered || reject(error));
      const send = async () => {
        for await (const piece of body) {
          if (answered) return;
          sent += piece.length;
          await new Promise((written) => sending.write(piece, written));
        }
      };
      void send();
    });
    return { status, sent };
  }

  test('is refused by what it announces: of a gigabyte not even a kilobyte is waited for', async () => {
    const { status, sent } = await post({ 'content-length': `${2 ** 30}` }, [new Uint8Array(100)]);
    expect({ status, sent }).toEqual({ status: 413, sent: 100 });
  });

  test('is refused once it is too large, where it announces nothing', async () => {
    const endless = function* () {
      for (;;) yield new Uint8Array(64 * 1024);
    };
    const { status, sent } = await post({ 'transfer-encoding': 'chunked' }, endless());
    expect(status).toBe(413);
    expect(sent).toBeGreaterThan(BODY_BYTES);
    // What lies in the buffers of two sockets.
    expect(sent).toBeLessThan(BODY_BYTES + 16 * 2 ** 20);
  });
});
