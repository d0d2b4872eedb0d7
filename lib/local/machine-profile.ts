import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { MachineProfile } from '../contracts/machine-profile.ts';
import type { Log, MachineCache } from '../ports.ts';

export interface ProfileOptions {
  /** The program that measures this machine and prints its profile as JSON. */
  readonly entry: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly cache: MachineCache;
  readonly log: Log;
  /** Number of processes that run or wait for a core. Default: measured. */
  readonly load?: () => Promise<number>;
}

/** Increment the number when the measurements change. */
const NAME = 'machine-4';
const MAX_AGE_DAYS = 7;
/** A calibration takes seconds. If the machine is so busy that it takes longer, the reference rates are used. */
const MAX_SECONDS = 25;
/** A process that repeats the request within this time gets the same profile, or the same failure. */
const FRESH_MS = 10_000;
const FAILED_MS = 600_000;
const [SAMPLES, SAMPLE_MS] = [8, 20];

const KeptProfile = z.strictObject({ load: z.number(), profile: MachineProfile });
type KeptProfile = z.infer<typeof KeptProfile>;

/**
 * Provides the profile of this machine from the cache. Measures it if the cache has none, or only one for a different
 * load, because other work slows jobs down.
 * @returns a function that returns undefined if the measurement fails or GRAFT_CALIBRATION is `off`
 */
export function openMachineProfile(options: ProfileOptions): () => Promise<MachineProfile | undefined> {
  if (options.environment.GRAFT_CALIBRATION === 'off') return async () => undefined;
  let answer: Promise<MachineProfile | undefined> | undefined;
  let freshUntil = 0;
  return () => {
    if (answer === undefined || performance.now() > freshUntil) {
      freshUntil = Number.POSITIVE_INFINITY;
      answer = findProfile(options).then((profile) => {
        freshUntil = performance.now() + (profile === undefined ? FAILED_MS : FRESH_MS);
        return profile;
      });
    }
    return answer;
  };
}

async function findProfile({
  entry,
  environment,
  cache,
  log,
  load: measureLoad = runnableProcesses,
}: ProfileOptions): Promise<MachineProfile | undefined> {
  const load = await measureLoad();
  const kept = await cache.read(NAME, KeptProfile);
  if (kept !== undefined && isAlike(load, kept.load) && ageDays(kept) < MAX_AGE_DAYS) return kept.profile;
  try {
    const profile = await measure(entry, environment);
    await cache.write(NAME, { load, profile }).catch((error) => log('calibration.not-kept', { error: String(error) }));
    return profile;
  } catch (error) {
    log('calibration.failed', { error: String(error) });
    return undefined;
  }
}

/** Checks whether the load of a machine is about the same as before. */
function isAlike(load: number, before: number): boolean {
  return Math.abs(load - before) <= 0.5 * availableParallelism() + 0.3 * before;
}

function ageDays({ profile }: KeptProfile): number {
  return (Date.now() - Date.parse(profile.measuredAt)) / 86_400_000;
}

/**
 * Counts the processes that run or wait for a core, except this one. Uses /proc if available, or else the load average
 * of the last minute.
 */
async function runnableProcesses(): Promise<number> {
  let sum = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const running = /^\S+ \S+ \S+ (\d+)\//.exec(await readFile('/proc/loadavg', 'utf8').catch(() => ''))?.[1];
    if (running === undefined) return loadavg()[0] ?? 0;
    sum += Number(running) - 1;
    await wait(SAMPLE_MS);
  }
  return sum / SAMPLES;
}

function measure(entry: string, environment: NodeJS.ProcessEnv): Promise<MachineProfile> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...process.execArgv, entry],
      { env: environment, timeout: MAX_SECONDS * 1000, killSignal: 'SIGKILL' },
      (error, stdout) => {
        try {
          if (error !== null) throw error;
          resolve(MachineProfile.parse(JSON.parse(stdout)));
        } catch (cause) {
          reject(cause);
        }
      },
    );
  });
}
