import { spawnSync } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { englishOnly } from '../../functions/local/english-only.ts';
import { requireInOrder } from '../../infra/bundles/require-in-order.ts';
import { type Bench, installedVersion } from './bench.ts';
import { inTurns, measurePairs, ratioOf, type Sides } from './measure-pairs.ts';
import { inOwnProcess, inScratch } from './scratch.ts';
import { type ServedSample, SIDE, serveSample } from './served-sample.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Starts of each program in a pair. */
const STARTS = 3;

/** Starts a process that predicts once and exits. */
export const coldStart: Bench = {
  name: 'cold-start',
  about:
    `from the start of a process to the first prediction of a photograph of ${SIDE} pixels, with the bundled backbone: the ` +
    `HTTP handler, bundled as in AWS, and graft predict, as published; ${STARTS} starts each, against sharp and onnxruntime ` +
    'alone, and against the start of Node.js',
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      const served = await serveSample(folder);
      const programs = {
        ...(await bundle(join(folder, 'bundle'), served)),
        command: await compile(join(folder, 'package'), served),
      };
      const measure = inTurns({
        node: times(['--eval', '0'], {}),
        bare: times(programs.bare, {}),
        graft: times(programs.graft, {}),
        command: times(programs.command, { GRAFT_DATA_DIR: served.directory }),
      });
      const compared = await measurePairs({
        pairs,
        warmUp: true,
        measure: async (pair) => withMilliseconds(await measure(pair)),
        ratios: {
          ratio: ratioOf('bare', 'graft'),
          command: ratioOf('bare', 'command'),
          cpu: ratioOf('bare', 'graft', 'cpuSeconds'),
          commandCpu: ratioOf('bare', 'command', 'cpuSeconds'),
        },
      });
      const versions = { onnxruntime: installedVersion('onnxruntime-node'), sharp: installedVersion('sharp') };
      return { ...compared, versions };
    }),
};

function times(args: readonly string[], environment: Record<string, string>) {
  return async () => {
    for (let start = 0; start < STARTS; start++) await inOwnProcess(args, environment);
    return undefined;
  };
}

/** Adds the milliseconds of one start, and those beyond the start of Node.js. */
function withMilliseconds(sides: Sides): Sides {
  const { node = {} } = sides;
  const milliseconds = ({ seconds = Number.NaN }: Sides[string]) => (seconds * 1000) / STARTS;
  return Object.fromEntries(
    Object.entries(sides).map(([name, side]) => [
      name,
      { ...side, milliseconds: milliseconds(side), beyondNodeMilliseconds: milliseconds(side) - milliseconds(node) },
    ]),
  );
}

/** Bundles the programs, as for AWS: reading TypeScript is not part of a cold start. @returns their arguments of Node.js */
async function bundle(into: string, { directory, model, photograph }: ServedSample) {
  await preparePackage(into);
  const bundleModules = (entries: readonly string[], splitting: boolean) =>
    build({
      entryPoints: entries.map((file) => join(root, file)),
      outdir: into,
      entryNames: '[name]',
      splitting,
      bundle: true,
      platform: 'node',
      format: 'esm',
      plugins: [requireInOrder(['onnxruntime-node', 'sharp']), englishOnly()],
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'error',
    });
  await bundleModules(['test/bench/cold-predict.ts', 'test/bench/cold-bare.ts'], false);
  await bundleModules(['lib/onnx/session-worker.ts'], true);
  return {
    graft: [join(into, 'cold-predict.js'), directory, photograph],
    bare: [join(into, 'cold-bare.js'), model, photograph],
  };
}

/** Compiles the command as `npm run build` does. @returns the arguments of Node.js that predict */
async function compile(into: string, { photograph }: ServedSample): Promise<string[]> {
  await preparePackage(into);
  await cp(join(root, 'package.json'), join(into, 'package.json'));
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const flags = ['--outDir', join(into, 'dist'), '--noCheck', '--declaration', 'false', '--declarationMap', 'false'];
  spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json'), ...flags], { stdio: 'inherit' });
  return [join(into, 'dist/cli/main.js'), 'predict', 'sample', photograph, '--json'];
}

async function preparePackage(folder: string): Promise<void> {
  await mkdir(folder);
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await symlink(join(root, 'assets'), join(folder, 'assets'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
}
