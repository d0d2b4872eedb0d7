import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { FunctionFolders } from './bundles/bundle-functions.ts';
import { GpuStack } from './gpu-stack.ts';
import { GraftStack } from './graft-stack.ts';
import { readSettings } from './settings.ts';

/** The CDK app: the main stack, and the GPU stack unless the context says `gpu=false`. */
export function createApp(
  folders: FunctionFolders,
  props?: AppProps,
): { app: App; graft: GraftStack; gpu: GpuStack | undefined } {
  const app = new App(props);
  const settings = readSettings(app.node);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const graft = new GraftStack(app, 'Graft', { stackName: settings.name, settings, folders });
  if (!settings.gpu) return { app, graft, gpu: undefined };
  return { app, graft, gpu: new GpuStack(app, 'GraftGpu', { stackName: `${settings.name}-gpu`, settings, graft }) };
}
