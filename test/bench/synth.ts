import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Bench, installedVersion } from './bench.ts';
import { measurePairs, ratioOf } from './measure-pairs.ts';
import { inScratch } from './scratch.ts';
import { timeWork } from './time-work.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const cdk = join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');

/** Runs `cdk synth` of both stacks with the real bundles, as at the start of a deployment. */
export const synth: Bench = {
  name: 'synth',
  about:
    'cdk synth with nothing in the cache, for which native packages are installed, against the next ones, which need no network',
  run: ({ pairs }) =>
    inScratch(async (folder) => {
      const compared = await measurePairs({
        pairs,
        // Not in turns: the second needs the cache of the first.
        async measure(pair) {
          const place = join(folder, String(pair));
          const cold = await timeWork(() => runSynth(place));
          const warm = await timeWork(() => runSynth(place));
          await rm(place, { recursive: true });
          return { cold, warm };
        },
        ratios: { ratio: ratioOf('cold', 'warm'), cpu: ratioOf('cold', 'warm', 'cpuSeconds') },
      });
      return {
        ...compared,
        versions: Object.fromEntries(['aws-cdk', 'aws-cdk-lib', 'esbuild'].map((name) => [name, installedVersion(name)])),
      };
    }),
};

async function runSynth(folder: string): Promise<undefined> {
  const cache = join(folder, 'cache');
  await mkdir(cache, { recursive: true });
  await promisify(execFile)(process.execPath, [cdk, 'synth', '--quiet', '--output', join(folder, 'cdk.out')], {
    cwd: root,
    env: { ...process.env, CI: 'true', CDK_DISABLE_CLI_TELEMETRY: 'true', XDG_CACHE_HOME: cache },
    maxBuffer: 64 * 2 ** 20,
  });
}
