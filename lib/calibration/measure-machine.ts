import { availableParallelism } from 'node:os';
import type { MachineMeasurement, MachineRates } from '../contracts/machine-profile.ts';
import { probeLinearly } from '../freezing/linear-probe.ts';
import { startEngine } from '../training/start-engine.ts';
import { measureDecoding } from './measure-decoding.ts';
import { measureNetworks } from './measure-networks.ts';
import type { Measured } from './measured.ts';
import { probeMultiplications } from './pass-seconds.ts';
import { meanOf, spreadOf, timeRepeatedly } from './probe.ts';
import { referenceRates } from './reference-rates.ts';

/**
 * Measures in a few seconds how fast this machine runs the operations of a job, at its current load. Run it in a new
 * process, because it also measures the start of the process.
 * @param now the time of the measurement
 * @throws as startEngine
 */
export async function measureMachine(now: Date): Promise<MachineMeasurement> {
  const engine = await startEngine();
  const runtime = engine.runtime.name;
  const start = process.uptime();
  const reference = referenceRates[runtime === 'gpu' ? 'native' : runtime];
  const networks = await measureNetworks(reference, engine);
  const decoding = await measureDecoding(reference);
  const script = await measureScript(reference);
  const rates: MachineRates = { ...reference, ...networks.rates, ...decoding.rates, ...script.rates, start };
  return {
    measuredAt: now.toISOString(),
    runtime,
    cores: availableParallelism(),
    spread: Math.max(networks.spread, decoding.spread, script.spread),
    rates,
  };
}

/** Measures plain JavaScript, which solves the systems of linear equations for choosing a strategy. */
async function measureScript(reference: MachineRates): Promise<Measured<'script'>> {
  const [count, size, classes] = [120, 400, 2];
  const features = Float32Array.from({ length: count * size }, (_, i) => Math.sin(i));
  const targets = Float32Array.from({ length: count * classes }, (_, i) => Number(i % 2 === Math.floor(i / 2) % 2));
  const timing = await timeRepeatedly(
    async () => probeLinearly({ features, targets, count, classes, task: 'single-label' }),
    3,
    0.5,
  );
  const script = meanOf(timing) / (probeMultiplications(count, size) / 1e9);
  return { rates: { script: Math.max(script, reference.script / 10) }, spread: spreadOf(timing) };
}
