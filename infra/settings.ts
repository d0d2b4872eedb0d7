/** Settings of a deployment, as context of the CDK app: `cdk deploy -c alertEmail=me@example.com`. */
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import { z } from 'zod';
import { messageOf } from '../lib/contracts/errors/message-of.ts';
import { nearest } from '../lib/contracts/explain/nearest.ts';
import { MAX_TRAININGS } from '../lib/jobs/max-trainings.ts';
import { type AllowedPrefix, readAllowedBuckets } from '../lib/store/source-buckets.ts';

/** MiB of Lambda's largest functions. */
export const LARGEST_MEMORY = 10_240;

/** The key of the context that lists the keys of `graft deploy --set`. */
const SET_KEYS = 'graft:set';

const count = z.coerce.number().int().positive();
const list = z
  .string()
  .transform((text) => text.split(','))
  .or(z.array(z.string()));

const Members = z.object({
  /** Prefix of all resource names, different for each deployment in an account. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,19}$/, 'expected 1 to 20 lower-case letters, digits or "-", beginning with a letter')
    .default('graft'),
  /** Whether there are GPU machines, in a stack of their own. */
  gpu: z.union([z.boolean(), z.stringbool()]).default(true),
  /** Without both, the API accepts requests that are signed with AWS credentials (IAM). */
  jwtIssuer: z.url().optional(),
  jwtAudience: list.optional(),
  /** Whether the console is a site, with an API of its own for users who sign in. */
  consoleSite: z.union([z.boolean(), z.stringbool()]).default(false),
  /** Whether each user of the site needs a code of an authenticator app besides the password. */
  consoleMfa: z.enum(['required', 'off']).default('required'),
  /** Limits of the whole API: requests per second, and concurrent requests. */
  rateLimit: count.default(20),
  burstLimit: count.default(40),
  /** Buckets, or prefixes of them, whose images data sets may use. */
  sourceBuckets: list.default([]).transform(allowedBuckets),
  /** Origins of web pages that may use signed uploads; S3 accepts one wildcard in each. */
  origins: list.default(['http://127.0.0.1:*', 'http://localhost:*']),
  /** One of CloudWatch's values: 1, 3, 5, 7, 14, 30, 60, 90 and so on. */
  logDays: z.coerce.number().pipe(z.enum(RetentionDays)).default(RetentionDays.ONE_MONTH),
  featureDays: count.default(30),
  /** MiB; a new account may have a lower limit, 3008. */
  trainingMemory: z.coerce.number().int().min(3008).max(LARGEST_MEMORY).default(LARGEST_MEMORY),
  /**
   * The most concurrent training functions; other jobs wait in the queue. A new account can run ten functions in total.
   */
  maxTrainings: count.default(MAX_TRAININGS),
  /**
   * The most concurrent functions that extract features of many images. The limits are those of a queue's event source.
   */
  maxExtractions: z.coerce.number().int().min(2).max(1000).default(5),
  alertEmail: z.email().optional(),
  /** USD per month of all resources with this deployment's tag. */
  monthlyBudget: z.coerce.number().positive().optional(),
  /** Of the Spot machines, and the same again of the On-Demand machines that start while Spot has no room. */
  gpuMaxVcpus: count.default(16),
  gpuInstances: list.default(['g6.xlarge', 'g5.xlarge', 'g4dn.xlarge']),
});

/** Cognito refuses these words in the name of sign-in pages, which begins with the name of the deployment. */
const RESERVED = /aws|amazon|cognito/;

const Settings = Members.refine(({ name, consoleSite }) => !consoleSite || !RESERVED.test(name), {
  path: ['name'],
  error: 'expected no "aws", "amazon" or "cognito" in it with consoleSite',
})
  .refine(({ monthlyBudget, alertEmail }) => monthlyBudget === undefined || alertEmail !== undefined, {
    path: ['monthlyBudget'],
    error: 'expected alertEmail with it, the address that AWS warns',
  })
  .refine(({ jwtIssuer, jwtAudience }) => (jwtIssuer === undefined) === (jwtAudience === undefined), {
    path: ['jwtIssuer'],
    error: 'expected both jwtIssuer and jwtAudience, or neither',
  });
export type Settings = z.output<typeof Settings>;

function allowedBuckets(names: readonly string[], context: z.RefinementCtx): AllowedPrefix[] {
  try {
    return readAllowedBuckets(names.join());
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
    return z.NEVER;
  }
}

const KEYS = Object.keys(Members.shape);

/**
 * The settings of an app, with all defaults.
 * @throws Error in one line that names the invalid or unknown settings: graft deploy reports its first line
 */
export function readSettings(node: Node): Settings {
  requireKnown(node);
  const given = KEYS.map((key) => [key, node.tryGetContext(key) ?? undefined]);
  const { data, error } = Settings.safeParse(Object.fromEntries(given));
  if (error === undefined) return data;
  const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`a setting of the deployment does not fit: ${issues.join('; ')}`);
}

/** The name of a deployment alone: removing it must not fail because of other settings. @throws Error if it does not fit */
export function readName(node: Node): string {
  return Members.shape.name.parse(node.tryGetContext('name') ?? undefined);
}

/**
 * Refuses a misspelt setting, which would change nothing without a word. The context also has keys of CDK, and those of
 * the user's own file for all apps (~/.cdk.json), so a key must be of `graft deploy --set`, or similar to a setting.
 * @throws Error that names the setting
 */
function requireKnown(node: Node): void {
  const set = `${node.tryGetContext(SET_KEYS) ?? ''}`.split(',');
  const others = Object.keys(node.getAllContext()).filter((key) => !KEYS.includes(key) && !/[:@]/.test(key));
  for (const key of others) {
    const meant = nearest(key, KEYS);
    if (meant !== undefined) throw new Error(`a setting of the deployment does not exist: ${key}; did you mean ${meant}?`);
    if (set.includes(key)) throw new Error(`a setting of the deployment does not exist: ${key}; there are ${KEYS.join(', ')}`);
  }
}

/** Tags that CloudFormation gives to all resources of a stack, for the budget and the bill. */
export function stackTags({ name }: Pick<Settings, 'name'>): Record<string, string> {
  return { graft: name };
}

/** Virtual CPUs of a machine of AWS Batch, which runs one job: an xlarge. */
export const VCPUS_OF_A_JOB = 4;

/** Names by which the main stack refers to the GPU stack, so that it deploys without it. */
export function batchNames({ name }: Pick<Settings, 'name'>): { readonly queue: string; readonly jobDefinition: string } {
  return { queue: `${name}-gpu`, jobDefinition: `${name}-train` };
}
