/**
 * The CDK app of `graft destroy`: CDK removes stacks by their names alone, so this app bundles nothing and builds no
 * image.
 */
import { App, Stack } from 'aws-cdk-lib';
import { readName } from './settings.ts';

const app = new App();
const name = readName(app.node);
new Stack(app, 'Graft', { stackName: name });
new Stack(app, 'GraftGpu', { stackName: `${name}-gpu` });
app.synth();
