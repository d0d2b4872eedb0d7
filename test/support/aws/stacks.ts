import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { functionNames } from '../../../infra/bundles/functions.ts';
import { createApp } from '../../../infra/create-app.ts';
import { root } from '../docs/pages.ts';
import { scratchFolder } from '../graft.ts';

/** What CDK's command adds to the context of an app: without it the templates here would not be those that are deployed. */
export const { context: featureFlags } = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')) as {
  context: Record<string, unknown>;
};

export interface Stacks {
  readonly graft: Template;
  readonly gpu: Template | undefined;
  /** Of each stack. */
  readonly tags: readonly Readonly<Record<string, string>>[];
  /** What cdk-nag found and nobody explained. */
  readonly findings: readonly string[];
}

/** The stacks as CloudFormation gets them, with functions that do nothing in place of the bundles. */
export function synthStacks(context: Record<string, unknown> = {}): Stacks {
  const folder = scratchFolder({ until: 'file' });
  const folders = Object.fromEntries(
    functionNames.map((name) => {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'index.js'), `exports.handler = () => '${name}';\n`);
      return [name, join(folder, name)];
    }),
  ) as Parameters<typeof createApp>[0];
  const { app, graft, gpu } = createApp(folders, { outdir: join(folder, 'cdk.out'), context: { ...featureFlags, ...context } });
  const { directory, stacks } = app.synth();
  const { pluginReports } = JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8')) as Report;
  return {
    graft: Template.fromStack(graft),
    gpu: gpu && Template.fromStack(gpu),
    tags: stacks.map(({ tags }) => tags),
    findings: pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName)),
  };
}

interface Report {
  readonly pluginReports: readonly { readonly violations: readonly { readonly ruleName: string }[] }[];
}

/** A template without what changes with every build: the hashes of its assets. */
export function withoutHashes(template: Template): unknown {
  return JSON.parse(JSON.stringify(template.toJSON()).replaceAll(/[0-9a-f]{64}/g, 'HASH'));
}

/** Every statement of every role and policy, as `who: actions on resources`. */
export function statementsOf(
  template: Template,
): { readonly who: string; readonly actions: string[]; readonly resources: string[] }[] {
  const resources = Object.entries(template.toJSON().Resources as Record<string, Resource>);
  return resources.flatMap(([who, { Properties: { PolicyDocument, Policies } = {} }]) =>
    // A user pool has an object of this name, with its rules for passwords.
    [PolicyDocument, ...(Array.isArray(Policies) ? Policies : []).map((policy) => policy.PolicyDocument)]
      .flatMap((document) => document?.Statement ?? [])
      .map(({ Action, Resource }) => ({ who, actions: [Action].flat(), resources: [Resource].flat().map(textOf) })),
  );
}

interface Document {
  readonly Statement: readonly { readonly Action: string | string[]; readonly Resource: unknown }[];
}

interface Resource {
  readonly Properties?: {
    readonly PolicyDocument?: Document;
    readonly Policies?: { readonly PolicyDocument: Document }[];
  };
}

/** A value of a template as text, with references in `<>`: `arn:<AWS::Partition>:s3:::name/*` */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute, Ref, 'Fn::ImportValue': imported } = (value ?? {}) as Record<string, never>;
  if (join !== undefined) return (join[1] as unknown[]).map(textOf).join('');
  return `<${imported === undefined ? (Ref ?? [attribute].flat().join('.')) : textOf(imported)}>`;
}
