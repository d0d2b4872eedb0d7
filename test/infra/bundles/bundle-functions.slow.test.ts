import { execFile } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleFunction, runsOnLambda } from '../../../infra/bundles/bundle-function.ts';
import { bundleFunctions, type FunctionFolders } from '../../../infra/bundles/bundle-functions.ts';
import { type FunctionBundle, functionBundles, functionNames } from '../../../infra/bundles/functions.ts';
import { reduceLock } from '../../../infra/bundles/reduce-lock.ts';
import type { FunctionName } from '../../../lib/store/key-kind.ts';
import { root } from '../../support/docs/pages.ts';
import { scratchFolder } from '../../support/graft.ts';

let folders: FunctionFolders;
beforeAll(async () => {
  folders = await bundleFunctions(root, scratchFolder({ until: 'file' }));
}, 600_000);

/** What each is called with, and what it answers, without any AWS behind it. */
const calls: Record<FunctionName, [event: unknown, answer: object]> = {
  api: [request('GET /v1/health'), { statusCode: 200, body: expect.stringContaining('"status":"ok"') }],
  predict: [request('GET /v1/health'), { statusCode: 404 }],
  import: [{ Records: [] }, { batchItemFailures: [] }],
  dispatch: [{ Records: [] }, { batchItemFailures: [] }],
  webhooks: [{ Records: [] }, { batchItemFailures: [] }],
  extract: [{ Records: [] }, { batchItemFailures: [] }],
  track: [{ source: 'nobody' }, {}],
  train: [{ job: 'no job' }, {}],
};

describe.each(functionNames)('%s', (name) => {
  test('is no larger than it may be', () => {
    const bytes = filesOf(folders[name]).reduce((total, path) => total + statSync(join(folders[name], path)).size, 0);
    expect(bytes / 1e6).toBeLessThanOrEqual(functionBundles[name].megabytes);
  });

  test('has no file that Lambda does not read', () => {
    const useless = filesOf(folders[name]).filter((path) => /\.(map|d\.[cm]?ts)$|darwin|win32|arm64|_providers_cuda/.test(path));
    expect(useless).toEqual([]);
  });

  test('runs: its handler loads and answers in a process of its own, and its native packages load', async () => {
    const [event, answer] = calls[name];
    const { packages = [] }: FunctionBundle = functionBundles[name];
    const said = await callIn(folders[name], event, packages);
    if (name === 'train' || name === 'track') expect(said.loaded).toBe(true);
    else expect(said.answer).toMatchObject(answer);
  });
});

test.each([
  { name: 'train', trainsInWasm: true },
  { name: 'extract', trainsInWasm: false },
] as const)('the function $name holds weights as arrays', ({ name, trainsInWasm }) => {
  const code = filesOf(folders[name])
    .filter((path) => /\.m?js$/.test(path) && !path.startsWith('node_modules/'))
    .map((path) => readFileSync(join(folders[name], path), 'utf8'))
    .join('\n');
  expect(code).toContain('MathBackendCPU');
  expect(code.includes('BackendWasm')).toBe(trainsInWasm);
});

test('the training function has the templates and pages of exports', () => {
  const files = [
    'templates/predict.py',
    'templates/page/style.css',
    'page-assets/folder-page.js.gz',
    'page-assets/onnxruntime.wasm.gz',
  ];
  expect(filesOf(folders.train)).toEqual(expect.arrayContaining(files));
});

describe('native packages', () => {
  test('are carried by each function that reaches them, or nothing is bundled', async () => {
    const folder = scratchFolder();
    const bundling = bundleFunction({ entry: 'functions/import/main.ts', megabytes: 5 }, { root, packages: folder, folder });
    await expect(bundling).rejects.toThrow(/functions\/import\/main\.ts reaches sharp/);
  });

  test('are of the versions and hashes of the lockfile, and nothing else is installed for them', () => {
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
    const { packages } = reduceLock(lock, ['sharp']);
    expect(packages['node_modules/@img/sharp-linux-x64']).toEqual(lock.packages['node_modules/@img/sharp-linux-x64']);
    expect(Object.keys(packages)).not.toContain('node_modules/vitest');
    expect(() => reduceLock(lock, ['no-such-package'])).toThrow(/no-such-package/);
  });

  test.each([
    ['onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1', true],
    ['onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so', false],
    ['onnxruntime-node/bin/napi-v6/darwin/arm64/libonnxruntime.dylib', false],
    ['onnxruntime-node/dist/index.js', true],
    ['onnxruntime-node/dist/index.js.map', false],
    ['sharp/LICENSE', true],
    ['sharp/src/common.cc', false],
  ])('%s: %s', (path, kept) => {
    expect(runsOnLambda(path)).toBe(kept);
  });
});

function filesOf(folder: string): string[] {
  return globSync('**/*', { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile());
}

/** A request as an HTTP API sends it (payload format 2.0). */
function request(routeKey: string): unknown {
  const [method, path] = routeKey.split(' ');
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: '',
    headers: {},
    requestContext: { http: { method, path }, requestId: 'test', stage: '$default' },
    isBase64Encoded: false,
  };
}

const queue = 'https://sqs.us-east-1.amazonaws.com/000000000000/queue';
const environment = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  POWERTOOLS_DEV: 'true',
  GRAFT_DATA_BUCKET: 'data',
  GRAFT_MODEL_BUCKET: 'models',
  GRAFT_IMPORT_QUEUE_URL: queue,
  GRAFT_TRAINING_QUEUE_URL: queue,
  GRAFT_WEBHOOK_QUEUE_URL: queue,
  GRAFT_WEBHOOK_SECRET_ARN: 'secret',
  GRAFT_BATCH_QUEUE: 'queue',
  GRAFT_BATCH_JOB_DEFINITION: 'definition',
  GRAFT_TRAINING_FUNCTION: 'train',
};

/** Loads a bundle as Lambda does and calls its handler once. */
async function callIn(
  folder: string,
  event: unknown,
  packages: readonly string[],
): Promise<{ loaded: boolean; answer: unknown }> {
  const script = `
    const { handler } = await import(${JSON.stringify(join(folder, 'index.js'))});
    const { createRequire } = await import('node:module');
    for (const name of ${JSON.stringify(packages)}) createRequire(${JSON.stringify(join(folder, 'index.js'))})(name);
    const context = { awsRequestId: 'test', functionName: 'test', getRemainingTimeInMillis: () => 120000 };
    const answer = await handler(${JSON.stringify(event)}, context).catch((error) => ({ failed: String(error) }));
    process.stdout.write('\\n' + JSON.stringify({ loaded: typeof handler === 'function', answer }), () => process.exit(0));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    env: environment,
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1));
}
