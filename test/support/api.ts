import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import { type LocalApi, type LocalApiOptions, type LocalApiResponse, localApi } from '../../functions/api/dispatch-request.ts';
import { routes } from '../../functions/api/routes.ts';
import { getDownload } from '../../functions/local/get-download.ts';
import { putUpload } from '../../functions/local/put-upload.ts';
import { serve } from '../../functions/local/serve.ts';
import type { ApiRequest } from '../../lib/client/api-request.ts';
import { openExplainerLazily } from '../../lib/explanation/lazy-explainer.ts';
import { openPredictionKeeper } from '../../lib/inference/prediction-keeper.ts';
import { openPredictor } from '../../lib/inference/predictor.ts';
import type { OpenSession } from '../../lib/inference/served-model.ts';
import { publishVersion } from '../../lib/models/registry.ts';
import { writeServedModel } from '../../lib/models/served-package.ts';
import { openSession } from '../../lib/onnx/session.ts';
import type { ObjectStore, SourceBuckets, World } from '../../lib/ports.ts';
import { importStored, uploadBytes } from './datasets/upload.ts';
import { recordingCompute, testWorld } from './world.ts';

export interface ApiSystemOptions extends LocalApiOptions {
  /** The most that its store takes. */
  readonly quotaBytes?: number;
  readonly openSession?: OpenSession;
  /** Buckets that external images may stay in. */
  readonly buckets?: SourceBuckets;
}

/** The API as `graft dev` serves it, over a world that goes with the test. */
export function apiSystem({ quotaBytes, openSession: open = openSession, buckets, ...options }: ApiSystemOptions = {}) {
  const own = testWorld({ quotaBytes });
  const { store } = own;
  const world = { ...own, ...(buckets !== undefined && { buckets }) };
  const keeper = openPredictionKeeper(world, { waitMs: 0 });
  const predictor = openPredictor(store, open, openExplainerLazily, keeper);
  const compute = recordingCompute();
  onTestFinished(() => predictor.close());
  const table = [...routes, putUpload(store), getDownload(store)];
  return { api: localApi(table, { world, compute, predictor }, options), world, compute, keeper };
}

/** An API that takes whole requests: in this process, or over HTTP. */
export type AskedApi = (request: ApiRequest) => Promise<LocalApiResponse>;

/** The same API behind a real server, as `graft dev` has it: asked over HTTP, until the test ends. */
export async function overHttp(api: LocalApi): Promise<AskedApi> {
  const server = await serve(api, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close());
  return async ({ method, url, headers, body }) => {
    const sent = body === undefined ? {} : { body: new Uint8Array(body) };
    const response = await fetch(new URL(url, server.address), { method, headers, ...sent });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: new Uint8Array(await response.arrayBuffer()),
    };
  };
}

export interface JsonAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests look at
  readonly json: any;
}

/** A request with a JSON body, or with bytes as they are, and its answer read as JSON where it has one. */
export async function ask(
  api: AskedApi,
  route: `${'GET' | 'POST' | 'PUT' | 'DELETE'} ${string}`,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<JsonAnswer> {
  const [method = '', url = ''] = route.split(' ');
  const isBytes = body instanceof Uint8Array;
  const bytes = isBytes ? body : new TextEncoder().encode(JSON.stringify(body));
  const answer = await api({
    method: method as 'GET',
    url,
    headers: { ...(!isBytes && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: bytes }),
  });
  const text = new TextDecoder().decode(answer.body);
  return { status: answer.status, headers: answer.headers, json: text === '' ? undefined : JSON.parse(text) };
}

/** A model that says the same of every image: the session must be `constantSession`. @returns its version */
export async function publishConstant(store: ObjectStore, name: string, number = 1): Promise<number> {
  const job = `job-zzzzzzzzz-${`${number}`.padStart(10, '0')}`;
  const prefix = `models/${name}/${job}-1/`;
  const input = { height: 8, width: 8, resize: 'bilinear' as const };
  await writeServedModel(prefix, { model: name, task: 'single-label', labels: ['no', 'yes'], input }, new Uint8Array(1), store);
  const createdAt = '2030-01-01T00:00:00.000Z';
  const { version } = await publishVersion(
    name,
    {
      job,
      package: prefix,
      createdAt,
      backbone: 'mobilenet',
      dataset: 'two',
    },
    store,
  );
  return version;
}

export const constantSession: OpenSession = async () => ({
  inputs: [],
  outputs: [],
  run: async (_, [images = 0]) => ({
    data: Float32Array.from({ length: images * 2 }, (_, at) => (at % 2 ? 0.75 : 0.25)),
    dims: [images, 2],
    further: [],
  }),
  close: async () => {},
});

/** A data set of two classes with a few plain images each, of these widths. */
export async function importTwo(world: World, name = 'two', widths = [8, 10, 12, 14, 16]): Promise<void> {
  const pictures = await Promise.all(
    ['red', 'blue'].flatMap((background) =>
      widths.map(async (width) => [`${background}/${width}.png`, await picture({ width, background })] as const),
    ),
  );
  const files = await uploadBytes(world.store, Object.fromEntries(pictures));
  await importStored({ name, files }, world);
}

/** A PNG file of one colour. */
export function picture({ width = 16, height = 16, background = 'red' } = {}): Promise<Uint8Array> {
  return sharp({ create: { width, height, channels: 3, background }, limitInputPixels: false })
    .png({ compressionLevel: 9, palette: true, colours: 2 })
    .toBuffer();
}
