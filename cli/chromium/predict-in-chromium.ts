import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { RuntimeError } from '../../lib/errors.ts';
import type { ImageSize } from '../../lib/images/resize-bilinear.ts';
import { readPageAsset } from '../../lib/model-exports/page-assets.ts';

/** Milliseconds in which the browser must answer. */
const MOST_MS = 180_000;
/** Bytes of an answer: a thousand labels of a dozen images are less than half a megabyte. */
const MOST_BYTES = 64 * 2 ** 20;

/** JSON has no NaN, and null in its place. */
const Probability = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const Answer = z.union([
  z.object({
    probabilities: z.array(z.array(Probability)),
    milliseconds: z.array(z.number()),
    browser: z.string(),
  }),
  z.object({ error: z.string(), browser: z.string() }),
]);

export interface PredictedInChromium {
  /** [images, labels] */
  readonly probabilities: number[][];
  /** [images]: of each run of the model. */
  readonly milliseconds: number[];
  /** Its name and version, such as `HeadlessChrome/140.0.0.0`. */
  readonly browser: string;
}

/**
 * Predicts images with onnxruntime-web in a browser without a window, which opens a page that this process serves on
 * loopback, and sends the probabilities back.
 * @param images float32 [height, width, 3] each, RGB 0..255
 * @param executable the program of the browser
 * @throws RuntimeError BROWSER_FAILED
 */
export async function predictInChromium(
  onnx: Uint8Array,
  images: readonly Float32Array[],
  [height, width]: ImageSize,
  { executable, timeoutMs = MOST_MS }: { readonly executable: string; readonly timeoutMs?: number },
): Promise<PredictedInChromium> {
  const files = {
    '': ['text/html', new TextEncoder().encode(PAGE)],
    'verify.js': ['text/javascript', await readPageAsset('verify-page.js')],
    'onnxruntime.wasm': ['application/wasm', await readPageAsset('onnxruntime.wasm')],
    'model.onnx': [BYTES, onnx],
    pixels: [
      BYTES,
      Buffer.concat(images.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))),
    ],
    shape: ['application/json', new TextEncoder().encode(JSON.stringify([images.length, height, width]))],
  } as const satisfies Record<string, readonly [type: string, content: Uint8Array]>;
  const answer = Promise.withResolvers<z.infer<typeof Answer>>();
  // Other users and other pages of this machine do not know the path.
  const secret = `/${randomUUID()}/`;
  const server = createServer((request, response) => {
    const { url = '', method } = request;
    const name = url.startsWith(secret) ? url.slice(secret.length) : undefined;
    const file = Object.entries(files).find(([known]) => known === name)?.[1];
    if (method === 'POST' && name === 'answer') receive(request, response).then(answer.resolve, answer.reject);
    else if (method === 'GET' && file !== undefined) response.writeHead(200, { 'content-type': file[0] }).end(file[1]);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const profile = await mkdtemp(join(tmpdir(), 'graft-chromium-'));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  // A group of its own, because the program may be a script that starts the browser.
  const browser = spawn(executable, argumentsFor(profile), {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  let lastLines = '';
  browser.stderr?.on('data', (text: Buffer) => {
    lastLines = `${lastLines}${text}`.slice(-500);
  });
  browser.on('error', (cause) => answer.reject(failed(executable, cause.message, cause)));
  browser.on('close', () => answer.reject(failed(executable, lastLines.trim() || 'its end without an answer')));
  const ended = once(browser, 'exit').catch(() => undefined);
  openPage(browser, `http://127.0.0.1:${port}${secret}`);
  const timer = setTimeout(() => answer.reject(failed(executable, `no answer in ${timeoutMs / 1000} s`)), timeoutMs);
  try {
    const given = await answer.promise;
    if ('error' in given) throw failed(given.browser, given.error);
    return { ...given, browser: /\w*(?:Chrome|Edg)\/[\d.]+/.exec(given.browser)?.[0] ?? given.browser };
  } finally {
    clearTimeout(timer);
    killGroup(browser);
    await ended;
    for (const stream of browser.stdio) stream?.destroy();
    server.closeAllConnections();
    server.close();
    // The processes of the browser may still write into its profile.
    await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

const BYTES = 'application/octet-stream';
const PAGE = '<!doctype html><meta charset="utf-8"><title>graft verify</title><script type="module" src="verify.js"></script>';

function argumentsFor(profile: string): string[] {
  return [
    '--headless=new',
    '--disable-gpu',
    '--no-first-run',
    '--disable-extensions',
    '--disable-background-networking',
    '--remote-debugging-pipe',
    `--user-data-dir=${profile}`,
    // Containers run as root, where the sandbox does not start. The page is Graft's own.
    ...(process.getuid?.() === 0 ? ['--no-sandbox', '--disable-dev-shm-usage'] : []),
  ];
}

/**
 * Opens a page by the DevTools protocol, which the browser reads from file descriptor 3 and answers on 4. Other users may
 * read the arguments of a process, and not this pipe. If this process dies, the pipe closes, and the browser ends.
 */
function openPage({ stdio: [, , , commands, replies] }: ChildProcess, url: string): void {
  if (!(commands instanceof Writable && replies instanceof Readable)) return;
  // A browser that has ended reads nothing; its end is an error of its own.
  commands.on('error', () => undefined);
  commands.write(`${JSON.stringify({ id: 1, method: 'Target.createTarget', params: { url } })}\0`);
  replies.resume();
}

/** Kills a program and all that it has started; on Windows, the program. */
function killGroup(program: ChildProcess): void {
  if (process.platform === 'win32' || program.pid === undefined) return void program.kill();
  try {
    process.kill(-program.pid, 'SIGKILL');
  } catch {
    // All processes of the group have ended.
  }
}

/** @throws RuntimeError BROWSER_FAILED */
async function receive(request: IncomingMessage, response: ServerResponse): Promise<z.infer<typeof Answer>> {
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request) {
      bytes += chunk.length;
      if (bytes > MOST_BYTES) throw failed('the page', 'an answer that is too long');
      chunks.push(chunk);
    }
    response.end();
    return Answer.parse(JSON.parse(Buffer.concat(chunks).toString()));
  } catch (cause) {
    if (cause instanceof RuntimeError) throw cause;
    throw failed('the page', 'an answer that is cut off or has another form', cause);
  }
}

function failed(at: string, received: string, cause?: unknown): RuntimeError {
  return new RuntimeError('BROWSER_FAILED', {
    at,
    expected: 'the probabilities of the reference images from the browser',
    received,
    fix: 'set GRAFT_CHROMIUM to a recent Chromium, Chrome or Edge',
    cause,
  });
}
