import { z } from 'zod';
import { GateVerdict } from './gate-verdict.ts';
import { ModelVersion, RemovedVersion } from './model-version.ts';
import { Name, Time } from './names.ts';

/** Who promotes a version that does not pass the alias's gate, and why. */
export const Force = z.strictObject({ by: z.string().trim().min(1).max(100), reason: z.string().trim().min(1).max(500) });
export type Force = z.infer<typeof Force>;

/** A move of an alias from one version to another. */
export const AliasMove = z.strictObject({
  at: Time,
  kind: z.enum(['promote', 'rollback']),
  /** null: the alias did not exist. */
  from: z.int().min(1).nullable(),
  to: z.int().min(1),
  /** Present if the version was promoted whatever the gate says. */
  force: Force.optional(),
  /** The gate's verdict on the version. Absent if the alias had no gate, and for a rollback. */
  verdict: GateVerdict.optional(),
});
export type AliasMove = z.infer<typeof AliasMove>;

/** A model's versions, oldest first, and its aliases. A model whose versions were all deleted does not exist. */
export const ModelRecord = z.strictObject({
  name: Name,
  versions: z.array(ModelVersion),
  aliases: z.record(z.string(), z.int().min(1)),
  /**
   * The versions that each alias pointed to before, newest last. A rollback restores the last one. For `latest`,
   * records of earlier versions of Graft lack those that trainings moved it from: see previousLatest.
   */
  previous: z.record(z.string(), z.array(z.int().min(1))).optional(),
  /**
   * For each alias, the requests that rolled it back, newest last (earlier versions stored one). Repeating such a
   * request has no effect.
   */
  rolledBackBy: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  /**
   * The latest promotions and rollbacks of each alias, newest last. In responses only those of a single alias have it.
   */
  history: z.record(z.string(), z.array(AliasMove)).optional(),
  /** The gate of each alias that has one. Loose, so that predictions never depend on the rules of a newer version. */
  gates: z.record(z.string(), z.looseObject({})).optional(),
  /** Which predictions the model keeps; absent: none. Loose for the same reason. See lib/models/keeping.ts. */
  keeping: z.looseObject({}).optional(),
  /** Which versions stay; absent: all. Loose for the same reason. See lib/retention. */
  retention: z.looseObject({}).optional(),
  /** The versions that a run of retention is about to remove, unless something uses them. `run` is the run's id. */
  expiring: z.strictObject({ run: z.string(), versions: z.array(z.int().min(1)) }).optional(),
  /** The latest versions that retention has removed, newest last. */
  removed: z.array(RemovedVersion).optional(),
  /** Packages of deleted versions, some of whose files may still exist. */
  deletedPackages: z.array(z.string()).optional(),
  /** The highest version number so far. Numbers are never reused. */
  lastVersion: z.int().min(1).optional(),
  /** Total number of versions, if an API response includes only the newest and those with aliases. */
  versionCount: z.int().min(0).optional(),
});
export type ModelRecord = z.infer<typeof ModelRecord>;
