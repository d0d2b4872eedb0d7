/** Which versions of a model are removed by themselves. */
import { z } from 'zod';
import { RemovedVersion } from './model-version.ts';
import { Name } from './names.ts';
import { queryNumber } from './query-number.ts';

const Newest = z.int().min(1).max(1_000_000);
const Days = z.int().min(0).max(3650);

/** PUT /v1/models/{name}/retention: a version expires if it is neither one of the newest nor young enough. */
export const Retention = z.strictObject({
  /** Number of the newest versions that stay, whatever their age. */
  newest: Newest.default(10),
  /** Days that every version stays after its publication. */
  days: Days.default(30),
});
export type Retention = z.infer<typeof Retention>;
export type RetentionInput = z.input<typeof Retention>;

/** GET /v1/models/{name}/retention: with one of them, what this setting would do. */
export const RetentionQuery = z.strictObject({ newest: queryNumber(Newest).optional(), days: queryNumber(Days).optional() });
export type RetentionQuery = z.infer<typeof RetentionQuery>;

/** What keeps a version from being removed. */
export const VersionUse = z.strictObject({
  /**
   * An alias points to the version, or a rollback of the alias can restore it; another version has it as its backbone;
   * an unfinished job needs it; it has kept predictions whose days are not over.
   */
  kind: z.enum(['alias', 'rollback', 'backbone', 'job', 'predictions']),
  /** The alias, the other version as NAME@VERSION, the job, or the day of the oldest of these predictions (UTC). */
  by: z.string(),
});
export type VersionUse = z.infer<typeof VersionUse>;

/** The versions that a setting removes now, and those that stay only because something uses them. */
export const ModelRetention = z.strictObject({
  model: Name,
  /** null: all versions stay. */
  retention: Retention.nullable(),
  /** What the next daily run removes, oldest first. */
  expired: z.array(z.int().min(1)),
  /** What would expire, but is in use, oldest first. */
  inUse: z.array(z.strictObject({ version: z.int().min(1), uses: z.array(VersionUse).min(1) })),
  /** The latest versions that retention has removed, newest removal last. */
  removed: z.array(RemovedVersion),
});
export type ModelRetention = z.infer<typeof ModelRetention>;
