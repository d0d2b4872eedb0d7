/** The uploads that this tab sends. They continue while the user looks at other pages. */
import { signal } from '@preact/signals';
import type { RefusedFile } from '../../lib/contracts/dataset.ts';
import { client } from '../api.ts';
import type { Picked } from './collect-files.ts';
import { openPatience } from './patience.ts';
import type { PickedFile } from './picked-file.ts';
import { type SendProgress, sendUpload } from './send-upload.ts';

export interface Sending {
  readonly files: readonly PickedFile[];
  readonly progress?: SendProgress;
  /** Files that were left out. */
  readonly leftOut?: readonly RefusedFile[];
  readonly error?: unknown;
  /** Why the upload waits before it sends on. */
  readonly waiting?: unknown;
  /** Sends on without waiting longer. */
  readonly sendOn?: () => void;
  readonly isDone?: boolean;
}

/** By the id of the upload. */
export const sendings = signal<Readonly<Record<string, Sending>>>({});

/** Begins an upload and sends its files in the background. @returns its id. @throws the API's error */
export async function startUpload({ name, files }: Picked): Promise<string> {
  const { id } = await client.datasets.createUpload({ name });
  void send(id, files);
  return id;
}

/** Sends the files of an upload again, as a new upload; the store has what was sent before. @returns its id */
export async function resumeUpload(id: string, name: string): Promise<string> {
  const { files } = sendings.value[id] ?? { files: [] };
  return startUpload({ name, files: [...files] });
}

async function send(id: string, files: readonly PickedFile[]): Promise<void> {
  const change = (sending: Partial<Sending>) => {
    sendings.value = { ...sendings.value, [id]: { ...(sendings.value[id] ?? { files }), ...sending } };
  };
  const patience = openPatience((waiting) => change({ waiting }));
  change({ files, sendOn: patience.skip });
  try {
    await sendUpload(client, id, files, {
      onProgress: (progress) => change({ progress }),
      onLeftOut: (file) => change({ leftOut: [...(sendings.value[id]?.leftOut ?? []), file] }),
      patience,
    });
    change({ isDone: true, files: [] });
  } catch (error) {
    change({ error, waiting: undefined });
  }
}

// Leaving the page would stop the uploads, so the browser asks first.
globalThis.addEventListener('beforeunload', (event) => {
  if (Object.values(sendings.value).some(({ isDone, error }) => !isDone && error === undefined)) event.preventDefault();
});
