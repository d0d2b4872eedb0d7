import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { z } from 'zod';
import { openLocalSystem } from '../../functions/local/local-system.ts';
import { type Bench, installedVersion } from './bench.ts';
import { graftCommand } from './graft-command.ts';
import { interleave } from './interleave.ts';
import { inOwnProcess, inScratch } from './scratch.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sample = join(root, 'assets/sample-trashnet/metal');
const SIDE = 224;
const CALLS = 60;
const STARTS = 9;

/** Predicts one photograph through the HTTP handler, in a warm process and as the first request of a new one. */
export const predict: Bench = {
  name: 'predict',
  about:
    `one photograph of ${SIDE} pixels through the HTTP handler, with the bundled backbone: warm and in a new process, ` +
    'against sharp and onnxruntime alone',
  run: () =>
    inScratch(async (folder) => {
      const train = [
        'train',
        '--dataset',
        dirname(sample),
        '--name',
        'sample',
        '--epochs',
        '2',
        '--strategy',
        'feature-extraction',
        '--wait',
      ];
      const { report } = await graftCommand(z.looseObject({ report: z.string() }), train, join(folder, 'data'));
      const model = join(dirname(report), 'model.onnx');
      const [photograph = ''] = await readdir(sample);
      const image = await sharp(join(sample, photograph)).resize(SIDE, SIDE, { fit: 'fill' }).jpeg().toBuffer();
      const warm = await measureWarm({ directory: join(folder, 'data'), model, image });
      const cold = await measureCold({ folder, model, image });
      return {
        ratio: warm.bare / warm.graft,
        ratios: { cold: cold.bare / cold.graft },
        sides: {
          graft: {
            warmMilliseconds: warm.graft,
            coldMilliseconds: cold.graft,
            coldBeyondNodeMilliseconds: cold.graft - cold.node,
          },
          bare: { warmMilliseconds: warm.bare, coldMilliseconds: cold.bare, coldBeyondNodeMilliseconds: cold.bare - cold.node },
          node: { coldMilliseconds: cold.node },
        },
        versions: { onnxruntime: installedVersion('onnxruntime-node'), sharp: installedVersion('sharp') },
      };
    }),
};

async function measureWarm({ directory, model, image }: { directory: string; model: string; image: Buffer }) {
  const system = openLocalSystem({ GRAFT_DATA_DIR: directory }, () => {});
  const session = await InferenceSession.create(model);
  const request = {
    method: 'POST',
    url: '/v1/models/sample/predict',
    headers: { 'content-type': 'image/jpeg' },
    body: image,
  } as const;
  const ask = async () => {
    const { status } = await system.api(request);
    if (status !== 200) throw new Error(`predict answers ${status}`);
  };
  const run = async () => {
    const pixels = await sharp(image).removeAlpha().raw().toBuffer();
    const input = new Tensor('float32', Float32Array.from(pixels), [1, SIDE, SIDE, 3]);
    await session.run({ [session.inputNames[0] ?? '']: input });
  };
  const [graft = Number.NaN, bare = Number.NaN] = await interleave([ask, run], CALLS);
  await session.release();
  await system.close();
  return { graft, bare };
}

/** Measures bundled programs, as in production: reading TypeScript is not part of a cold start. */
async function measureCold({ folder, model, image }: { folder: string; model: string; image: Buffer }) {
  const place = join(folder, 'bundle');
  await mkdir(place);
  await symlink(join(root, 'node_modules'), join(place, 'node_modules'));
  await writeFile(join(place, 'package.json'), '{ "type": "module" }');
  await writeFile(join(place, 'photograph.jpg'), image);
  await build({
    entryPoints: ['test/bench/cold-predict.ts', 'test/bench/cold-bare.ts', 'lib/onnx/session-worker.ts'].map((file) =>
      join(root, file),
    ),
    outdir: place,
    entryNames: '[name]',
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['onnxruntime-node', 'sharp'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  const photograph = join(place, 'photograph.jpg');
  const starts = [
    ['cold-predict.js', join(folder, 'data'), photograph],
    ['cold-bare.js', model, photograph],
  ].map(
    ([script = '', ...args]) =>
      () =>
        inOwnProcess([join(place, script), ...args]),
  );
  const node = () => inOwnProcess(['--eval', '0']);
  const [graft = Number.NaN, bare = Number.NaN, alone = Number.NaN] = await interleave([...starts, node], STARTS);
  return { graft, bare, node: alone };
}
