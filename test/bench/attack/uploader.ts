import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { SourceFile } from './hostile-input.ts';

const worker = fileURLToPath(new URL('./upload-worker.ts', import.meta.url));
/** Milliseconds after which an upload is abandoned and its process replaced. */
const PATIENCE_MS = 120_000;

const Reply = z.object({ statuses: z.array(z.number()), peak: z.number() });

export interface Uploader {
  upload(file: SourceFile): Promise<number[]>;
  /** Returns the peak resident bytes of a process that read an archive or manifest. */
  peak(): number;
  /** Names of files whose upload never ended or whose process died. */
  readonly lost: readonly string[];
  close(): void;
}

/** Uploads files one by one in a process of its own, which reads archives and manifests as the command does. */
export function openUploader(address: string, folder: string): Uploader {
  let child: ChildProcess | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let number = 0;
  let peak = 0;
  const lost: string[] = [];

  async function uploadOne({ name, bytes }: SourceFile): Promise<number[]> {
    const place = join(folder, `${number++}`);
    await mkdir(place, { recursive: true });
    await writeFile(join(place, name), bytes);
    child ??= fork(worker, [address], { execArgv: ['--disable-warning=ExperimentalWarning'], stdio: 'ignore' });
    const current = child;
    const timer = setTimeout(() => current.kill('SIGKILL'), PATIENCE_MS);
    current.send({ path: join(place, name), name: `attack-${number}` });
    const settled = new AbortController();
    const { signal } = settled;
    const reply = await Promise.race([
      once(current, 'message', { signal }).then(([message]) => Reply.parse(message)),
      once(current, 'exit', { signal }).then(() => undefined),
    ]).finally(() => settled.abort());
    clearTimeout(timer);
    await rm(place, { recursive: true });
    if (reply === undefined) {
      child = undefined;
      lost.push(name);
      return [];
    }
    peak = Math.max(peak, reply.peak);
    return reply.statuses;
  }

  return {
    upload(file) {
      const done = turn.then(() => uploadOne(file));
      turn = done.catch(() => {});
      return done;
    },
    peak: () => peak,
    lost,
    close: () => void child?.kill(),
  };
}
