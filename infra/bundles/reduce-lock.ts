/** The members of an npm lockfile that this module reads. */
export interface Lockfile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

export interface LockedPackage {
  readonly version?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * The part of a lockfile that these packages need: the same versions and hashes, and no other packages, so that it does
 * not change with them.
 * @throws Error if the lockfile lacks one
 */
export function reduceLock({ lockfileVersion, packages }: Lockfile, names: readonly string[]): Lockfile {
  const kept = new Map<string, LockedPackage>();
  const keep = (path: string) => {
    const entry = packages[path];
    if (entry === undefined || kept.has(path)) return;
    kept.set(path, entry);
    for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) keep(resolve(packages, path, name));
  };
  const dependencies: Record<string, string> = {};
  for (const name of names) {
    const version = packages[`node_modules/${name}`]?.version;
    if (version === undefined) throw new Error(`package-lock.json has no ${name}`);
    dependencies[name] = version;
    keep(`node_modules/${name}`);
  }
  const sorted = [...kept].sort(([a], [b]) => (a < b ? -1 : 1));
  return { lockfileVersion, packages: { '': { dependencies }, ...Object.fromEntries(sorted) } };
}

/** Where Node finds a package: in the innermost node_modules above the importing package. */
function resolve(packages: Lockfile['packages'], from: string, name: string): string {
  const here = `${from}/node_modules/${name}`;
  if (here in packages) return here;
  const above = from.lastIndexOf('/node_modules/');
  return above < 0 ? `node_modules/${name}` : resolve(packages, from.slice(0, above), name);
}
