/** The bodies of the routes of models. */
import { z } from 'zod';
import { Gate } from './gate.ts';
import { ModelCard } from './model-card.ts';
import { AliasMove, Force } from './model-record.ts';
import { ModelVersion } from './model-version.ts';
import { Alias, Name } from './names.ts';

/** GET /v1/models/{name}/versions: newest first. */
export const ModelVersionList = z.strictObject({ versions: z.array(ModelVersion), next: z.string().optional() });

/** GET /v1/models/{name}/versions/{version} */
export const ModelVersionDetails = z.strictObject({ ...ModelVersion.shape, model: Name, card: ModelCard });
export type ModelVersionDetails = z.infer<typeof ModelVersionDetails>;

/** GET /v1/models/{name}/aliases/{alias} */
export const AliasRecord = z.strictObject({
  model: Name,
  alias: Alias,
  version: z.int().min(1),
  /** The versions before this one, newest last. */
  previous: z.array(z.int().min(1)),
  /** Its latest moves, newest last. */
  history: z.array(AliasMove).optional(),
  /** What a version must meet before the alias moves to it. */
  gate: Gate.optional(),
});
export type AliasRecord = z.infer<typeof AliasRecord>;

/**
 * PUT /v1/models/{name}/aliases/{alias}: the new target, and optionally the expected current target (null: the alias
 * does not exist).
 */
export const SetAlias = z.strictObject({
  version: z.int().min(1),
  expected: z.int().min(1).nullable().optional(),
  /** Moves the alias even if the version does not pass its gate. */
  force: Force.optional(),
});
export type SetAlias = z.infer<typeof SetAlias>;

/** POST /v1/models/{name}/aliases/{alias}/rollback: optionally the expected move. */
export const RollBackAlias = z.strictObject({
  /** The version that the alias must go back to. */
  version: z.int().min(1).optional(),
  /** The version that the alias must point to before. */
  expected: z.int().min(1).optional(),
});
export type RollBackAlias = z.infer<typeof RollBackAlias>;
