/** Worker thread that requests /v1/health every 50 ms, without waiting for earlier responses. */
import { request } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import type { ProbeResult } from './probe.ts';

const EVERY_MS = 50;
const PATIENCE_MS = 30_000;

const { host, port } = z.object({ host: z.string(), port: z.number() }).parse(workerData);
const milliseconds: number[] = [];
const failures: string[] = [];
let underWay = 0;

const timer = setInterval(() => {
  const began = performance.now();
  underWay++;
  const done = (failure?: string) => {
    underWay--;
    milliseconds.push(performance.now() - began);
    if (failure !== undefined) failures.push(failure);
  };
  const asked = request({ host, port, path: '/v1/health', agent: false, timeout: PATIENCE_MS }, (response) => {
    response.resume().once('end', () => done(response.statusCode === 200 ? undefined : `status ${response.statusCode}`));
  });
  asked.once('timeout', () => asked.destroy(new Error('timeout'))).once('error', (error) => done(error.message));
  asked.end();
}, EVERY_MS);

parentPort?.once('message', () => {
  clearInterval(timer);
  const wait = setInterval(() => {
    if (underWay > 0) return;
    clearInterval(wait);
    const result: ProbeResult = { milliseconds, failures };
    parentPort?.postMessage(result);
  }, EVERY_MS);
});
