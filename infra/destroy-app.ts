/** What `graft destroy` runs: CDK removes stacks by their names and needs no more of them, so nothing is bundled and no image is looked at. */
import { App, Stack } from 'aws-cdk-lib';
import { readSettings } from './settings.ts';

const app = new App();
const { name } = readSettings(app.node);
new Stack(app, 'Graft', { stackName: name });
new Stack(app, 'GraftGpu', { stackName: `${name}-gpu` });
app.synth();
