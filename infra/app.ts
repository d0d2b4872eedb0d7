/** What `cdk synth` runs: bundles the functions and writes the stacks. Needs no docker, no credentials, and no network once it ran. */
import { fileURLToPath } from 'node:url';
import { bundleFunctions } from './bundles/bundle-functions.ts';
import { createApp } from './create-app.ts';

const folders = await bundleFunctions(fileURLToPath(new URL('..', import.meta.url)));
createApp(folders).app.synth();
