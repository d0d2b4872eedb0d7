import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { z } from 'zod';
import type { Placement } from './onnx-session.ts';

/** An event of onnxruntime's profile; those of nodes name the operator and its provider. */
const ProfileEvent = z.object({
  args: z.object({ op_name: z.string().optional(), provider: z.string().optional() }).optional(),
});

/** Operators that only copy values to a device and back. */
const COPIES: readonly string[] = ['MemcpyFromHost', 'MemcpyToHost'];

/**
 * Finds out by a profile of the first run which operators ran on the CPU. onnxruntime reports a placement in no other
 * way.
 * @param onPlacement called once if there are any
 * @returns options of the session to create, and a function to call after each run
 */
export function watchPlacement(onPlacement: (placement: Placement) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'graft-placement-'));
  let isOpen = true;
  const settings: InferenceSession.SessionOptions = { enableProfiling: true, profileFilePrefix: join(folder, 'profile') };
  const remove = () => rmSync(folder, { recursive: true });
  return {
    settings,
    /** Call this instead if the session cannot be created. */
    remove,
    read(session: InferenceSession): void {
      if (!isOpen) return;
      isOpen = false;
      session.endProfiling();
      const [file] = readdirSync(folder);
      const onCpu = file === undefined ? [] : operatorsOnCpu(readFileSync(join(folder, file), 'utf8'));
      remove();
      if (onCpu.length > 0) onPlacement({ onCpu });
    },
  };
}

function operatorsOnCpu(profile: string): string[] {
  const events = z.array(ProfileEvent).parse(JSON.parse(profile));
  const names = events.flatMap(({ args }) => (args?.provider === 'CPUExecutionProvider' ? [args.op_name ?? ''] : []));
  return [...new Set(names)].filter((name) => name !== '' && !COPIES.includes(name)).sort();
}
