import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { MachineMeasurement, MachineProfile } from '../contracts/machine-profile.ts';
import type { Log, MachineCache } from '../ports.ts';
import { type IdleOptions, whileIdle } from './while-idle.ts';

export interface ProfileOptions {
  /** The program that measures this machine and prints a MachineMeasurement as JSON. */
  readonly entry: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly cache: MachineCache;
  readonly log: Log;
  /** Number of processes per core that run or wait for a core. Default: measured. */
  readonly load?: () => Promise<number>;
}

/** Increment the number when the measurements change. */
const NAME = 'machine-5';
const DAY_MS = 86_400_000;
const MAX_AGE_MS = 7 * DAY_MS;
/** A calibration takes seconds. If the machine is so busy that it takes longer, the reference rates are used. */
const MAX_SECONDS = 25;
/** A profile of this age is measured again when nothing waits for it. */
const REFRESH_AGE_MS = 3 * DAY_MS;
/** A profile of a busy machine is used for as long: a machine whose load changes often is not measured each time. */
const BUSY_AGE_MS = 600_000;
/** The shortest time between two refreshes of a process. */
const REFRESH_MS = 3_600_000;
/** A process that repeats the request within this time gets the same profile, or the same failure. */
const FRESH_MS = 10_000;
const FAILED_MS = 600_000;
const [SAMPLES, SAMPLE_MS] = [8, 20];

/** The profile of this machine, which its processes share. */
export interface OpenedProfile {
  /**
   * Returns the profile that was kept. Measures the machine if none of the last week is kept, or if the kept one is of a
   * busy machine that has less to do now. A busier machine is not measured: its jobs before this one may be all that it
   * does, and they end before the next one begins.
   * @returns undefined if the measurement fails or GRAFT_CALIBRATION is `off`
   */
  find(): Promise<MachineProfile | undefined>;
  /**
   * Measures again if the machine has less to do than when the kept profile was measured, or if that was days ago. Drops
   * the measurement if the load changes meanwhile. Begins after a while without work, and ends as soon as there is work.
   * Does nothing if no estimate has needed a profile yet, nor within an hour of the last time that it came to its end.
   */
  refresh(options: IdleOptions): Promise<void>;
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
        answer = findProfile(options).then(({ profile, hasFailed }) => {
          freshUntil = performance.now() + (hasFailed ? FAILED_MS : FRESH_MS);
          return profile;
        });
      }
      return answer;
    },
    async refresh(idle) {
      if (performance.now() < refreshFrom) return;
      refreshFrom = Number.POSITIVE_INFINITY;
      const hasEnded = await whileIdle((signal) => refreshProfile(options, signal), idle).catch((error) => {
        options.log('calibration.failed', { error: String(error) });
        return true;
      });
      refreshFrom = hasEnded ? performance.now() + REFRESH_MS : 0;
    },
  };
}

interface Found {
  readonly profile: MachineProfile | undefined;
  /** Whether a measurement has failed. The profile is then the one that was kept, if there is one. */
  readonly hasFailed: boolean;
}

async function findProfile(options: ProfileOptions): Promise<Found> {
  const { cache, log } = options;
  const kept = await cache.read(NAME, MachineProfile);
  const usable = kept !== undefined && ageMs(kept) < MAX_AGE_MS ? kept : undefined;
  if (usable !== undefined && !(await isQuieterThan(usable, options))) return { profile: usable, hasFailed: false };
  // Somebody waits for this measurement.
  log('calibration.started');
  try {
    const { profile } = await measure(options);
    await keep(profile, options);
    return { profile, hasFailed: false };
  } catch (error) {
    log('calibration.failed', { error: String(error) });
    return { profile: usable, hasFailed: true };
  }
}

/** Checks whether a profile is of a busy machine, some time ago, that has less to do now. */
async function isQuieterThan(kept: MachineProfile, { load: measureLoad = loadPerCore }: ProfileOptions): Promise<boolean> {
  if (ageMs(kept) < BUSY_AGE_MS || isAlike(0, kept.load)) return false;
  return isLower(await measureLoad(), kept.load);
}

async function refreshProfile(options: ProfileOptions, signal: AbortSignal): Promise<void> {
  const { cache, load: measureLoad = loadPerCore } = options;
  const kept = await cache.read(NAME, MachineProfile);
  if (kept === undefined) return;
  if (ageMs(kept) < REFRESH_AGE_MS && !isLower(await measureLoad(), kept.load)) return;
  const { profile, before, after } = await measure(options, signal);
  if (isAlike(after, before)) await keep(profile, options);
}

async function keep(profile: MachineProfile, { cache, log }: ProfileOptions): Promise<void> {
  await cache.write(NAME, profile).catch((error) => log('calibration.not-kept', { error: String(error) }));
}

/** Checks whether the load of a machine is about the same as before. */
function isAlike(load: number, before: number): boolean {
  return Math.abs(load - before) <= 0.5 + 0.3 * before;
}

function isLower(load: number, before: number): boolean {
  return load < before && !isAlike(load, before);
}

function ageMs({ measuredAt }: MachineProfile): number {
  return Date.now() - Date.parse(measuredAt);
}

/**
 * Counts the processes per core that run or wait for a core, except this one. Uses /proc if available, or else the load
 * average of the last minute.
 */
async function loadPerCore(): Promise<number> {
  let sum = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const running = /^\S+ \S+ \S+ (\d+)\//.exec(await readFile('/proc/loadavg', 'utf8').catch(() => ''))?.[1];
    if (running === undefined) return (loadavg()[0] ?? 0) / availableParallelism();
    sum += Number(running) - 1;
    await wait(SAMPLE_MS);
  }
  return sum / SAMPLES / availableParallelism();
}

interface Measured {
  readonly profile: MachineProfile;
  /** The load before and after the measurement. */
  readonly before: number;
  readonly after: number;
}

async function measure(options: ProfileOptions, signal?: AbortSignal): Promise<Measured> {
  const { load: measureLoad = loadPerCore } = options;
  const before = await measureLoad();
  const measured = await calibrate(options, signal);
  const after = await measureLoad();
  return { profile: { ...measured, load: Math.max(before, after) }, before, after };
}

function calibrate({ entry, environment }: ProfileOptions, signal?: AbortSignal): Promise<MachineMeasurement> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [...process.execArgv, entry],
      { env: environment, timeout: MAX_SECONDS * 1000, killSignal: 'SIGKILL', ...(signal && { signal }) },
      (error, stdout) => {
        try {
          if (error !== null) throw error;
          resolve(MachineMeasurement.parse(JSON.parse(stdout)));
        } catch (cause) {
          reject(cause);
        }
      },
    );
  });
}
