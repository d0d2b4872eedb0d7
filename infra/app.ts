/** What `cdk synth` runs: bundles the functions and writes the stacks. Needs no docker, no credentials, and no network once it ran. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from './bundles/bundle-functions.ts';
import { createApp } from './create-app.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');
await mkdir(cache, { recursive: true });
// A folder of its own, for as long as CDK copies from it: two deployments may be made at once.
const into = await mkdtemp(join(cache, 'functions-'));
try {
  createApp(await bundleFunctions(root, into)).app.synth();
} finally {
  await rm(into, { recursive: true, force: true });
}
