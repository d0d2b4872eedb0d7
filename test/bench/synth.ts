import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Bench, installedVersion, median } from './bench.ts';
import { inScratch } from './scratch.ts';

const WARM_RUNS = 3;
const root = fileURLToPath(new URL('../..', import.meta.url));
const cdk = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');

/** Runs `cdk synth` of both stacks with the real bundles, as at the start of a deployment. */
export const synth: Bench = {
  name: 'synth',
  about:
    'cdk synth with nothing in the cache, for which native packages are installed, against the next ones, which need no network',
  run: () =>
    inScratch(async (folder) => {
      const cold = await secondsOfSynth(folder);
      const warm: number[] = [];
      for (let run = 0; run < WARM_RUNS; run++) warm.push(await secondsOfSynth(folder));
      return {
        ratio: cold / median(warm),
        ratios: {},
        sides: { cold: { seconds: cold }, warm: { seconds: median(warm), slowestSeconds: Math.max(...warm) } },
        versions: Object.fromEntries(['aws-cdk', 'aws-cdk-lib', 'esbuild'].map((name) => [name, installedVersion(name)])),
      };
    }),
};

async function secondsOfSynth(folder: string): Promise<number> {
  const cache = join(folder, 'cache');
  await mkdir(cache, { recursive: true });
  const started = performance.now();
  await promisify(execFile)(process.execPath, [cdk, 'synth', '--quiet', '--output', join(folder, 'cdk.out')], {
    cwd: root,
    env: { ...process.env, CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true', XDG_CACHE_HOME: cache },
    maxBuffer: 64 * 2 ** 20,
  });
  return (performance.now() - started) / 1000;
}
