import { type Augmenter, openAugmenter } from '../images/augmenter.ts';
import type { OnnxDevice } from '../onnx/onnx-session.ts';
import { openOnce } from '../open-once.ts';
import type { Log } from '../ports.ts';
import { logFallback, openTrunkSession } from './open-trunk-session.ts';
import { type TimedSession, timeRuns } from './time-runs.ts';
import type { Trunk } from './trunk.ts';

/** What runs images through a trunk. Each part is opened when it is first needed: all features may be stored. */
export interface TrunkRunner {
  /** @throws as openTrunkSession */
  session(): Promise<TimedSession>;
  augmenter(): Augmenter;
  /** Closes what was opened. */
  close(): Promise<void>;
}

/** @param options.log gets a line that names the operators which the device lacks */
export function openTrunkRunner(
  trunk: Pick<Trunk, 'key' | 'onnx'>,
  { device, log }: { readonly device: OnnxDevice; readonly log?: Log | undefined },
): TrunkRunner {
  const session = openOnce(async () =>
    timeRuns(await openTrunkSession(trunk, { device, onPlacement: logFallback(trunk, device, log) })),
  );
  let augmenter: Augmenter | undefined;
  return {
    session: session.get,
    augmenter() {
      augmenter ??= openAugmenter();
      return augmenter;
    },
    async close() {
      await Promise.all([(await session.opened())?.close(), augmenter?.close()]);
    },
  };
}
