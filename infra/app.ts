/**
 * The program of `cdk synth`: bundles the functions and writes the stacks. Needs neither docker nor credentials, and
 * after its first run no network.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from './bundles/bundle-functions.ts';
import { createApp } from './create-app.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');
await mkdir(cache, { recursive: true });
// A separate folder while CDK copies from it, because two deployments may run at once.
const into = await mkdtemp(join(cache, 'functions-'));
try {
  createApp(await bundleFunctions(root, into)).app.synth();
} finally {
  await rm(into, { recursive: true, force: true });
}
