import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findCdkApp } from '../../../cli/aws/cdk-app.ts';
import { folderOf } from '../../support/datasets/import-files.ts';
import { root } from '../../support/docs/pages.ts';

test('the CDK app is in the checkout that has the command', () => {
  expect(join(findCdkApp(), '.')).toBe(join(root, '.'));
});

test('the package has no CDK app, also in a project that has one', () => {
  const project = folderOf({
    'cdk.json': '{}',
    'package.json': '{}',
    'node_modules/graft/package.json': '{}',
    'node_modules/graft/dist/cli/aws/cdk-app.js': '',
  });
  const code = 'CDK_APP_MISSING';
  expect(() => findCdkApp(join(project, 'node_modules/graft/dist/cli/aws'))).toThrow(expect.objectContaining({ code }));
  expect(() => findCdkApp('/')).toThrow(expect.objectContaining({ code }));
});
