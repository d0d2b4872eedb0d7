/** The CDK app for buckets and queues alone: see docs/local-aws.md. */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readSettings } from './settings.ts';
import { StorageStack } from './storage-stack.ts';

const app = new App();
const settings = readSettings(app.node);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
new StorageStack(app, 'GraftStorage', { stackName: `${settings.name}-storage`, settings });
app.synth();
