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
/** A profile of this age is measured again when nothing waits for it. */
const REFRESH_AGE_DAYS = 3;
/** The shortest time between two refreshes of a process. */
const REFRESH_MS = 3_600_000;
/** A process that repeats the request within this time gets the same profile, or the same failure. */
const FRESH_MS = 10_000;
const FAILED_MS = 600_000;
const [SAMPLES, SAMPLE_MS] = [8, 20];

const KeptProfile = z.strictObject({ load: z.number(), profile: MachineProfile });
type KeptProfile = z.infer<typeof KeptProfile>;

/** The profile of this machine, which its processes share. */
export interface OpenedProfile {
  /**
   * Returns the profile that was kept, whatever the machine does now: an estimate does not wait for a measurement, and
   * tells when it was. Measures the machine if none of the last week is kept.
   * @returns undefined if the measurement fails or GRAFT_CALIBRATION is `off`
   */
  find(): Promise<MachineProfile | undefined>;
  /**
   * Measures again if the machine has a different load than the kept profile, because other work slows jobs down. Drops
   * the measurement if the load changes meanwhile, for example because a job starts. Call it when no job is running; it
   * does nothing more than once an hour.
   */
  refresh(signal: AbortSignal): Promise<void>;
}

/** Opens the profile of this machine in the cache. */
export function openMachineProfile(options: ProfileOptions): OpenedProfile {
  if (options.environment.GRAFT_CALIBRATION === 'off') return { find: async () => undefined, refresh: async () => {} };
  let answer: Promise<MachineProfile | undefined> | undefined;
  let freshUntil = 0;
  let refreshFrom = 0;
  return {
    find() {
      if (answer === undefined || performance.now() > freshUntil) {
        freshUntil = Number.POSITIVE_INFINITY;
        answer = findProfile(options).then((profile) => {
          freshUntil = performance.now() + (profile === undefined ? FAILED_MS : FRESH_MS);
          return profile;
        });
      }
      return answer;
    },
    async refresh(signal) {
      if (performance.now() < refreshFrom) return;
      refreshFrom = performance.now() + REFRESH_MS;
      await refreshProfile(options, signal).catch((error) => {
        if (!signal.aborted) options.log('calibration.failed', { error: String(error) });
      });
    },
  };
}

async function findProfile(options: ProfileOptions): Promise<MachineProfile | undefined> {
  const { cache, log, load: measureLoad = runnableProcesses } = options;
  const kept = await cache.read(NAME, KeptProfile);
  if (kept !== undefined && ageDays(kept) < MAX_AGE_DAYS) return kept.profile;
  try {
    const load = await measureLoad();
    const profile = await measure(options);
    await keep({ load, profile }, options);
    return profile;
  } catch (error) {
    log('calibration.failed', { error: String(error) });
    return undefined;
  }
}

/** Does nothing if no estimate has needed a profile yet. */
async function refreshProfile(options: ProfileOptions, signal: AbortSignal): Promise<void> {
  const { cache, load: measureLoad = runnableProcesses } = options;
  const kept = await cache.read(NAME, KeptProfile);
  if (kept === undefined) return;
  const load = await measureLoad();
  if (isAlike(load, kept.load) && ageDays(kept) < REFRESH_AGE_DAYS) return;
  const profile = await measure(options, signal);
  if (isAlike(await measureLoad(), load)) await keep({ load, profile }, options);
}

async function keep(profile: KeptProfile, { cache, log }: ProfileOptions): Promise<void> {
  await cache.write(NAME, profile).catch((error) => log('calibration.not-kept', { error: String(error) }));
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

function measure({ entry, environment }: ProfileOptions, signal?: AbortSignal): Promise<MachineProfile> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...process.execArgv, entry],
      { env: environment, timeout: MAX_SECONDS * 1000, killSignal: 'SIGKILL', ...(signal && { signal }) },
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
