/** Which predictions a model keeps: a member of its record, which every prediction reads anyway. */
import type { Keeping, ModelKeeping, StoredKeeping } from '../contracts/keeping.ts';
import type { ModelRecord } from '../contracts/model-record.ts';
import type { World } from '../ports.ts';
import { newIdSuffix } from '../store/new-id.ts';
import { changeModel, keepingOf, readModel } from './registry.ts';

/** By then the record has changed, or the process that wanted to change it has died. */
const BEGINS_AFTER_SECONDS = 5;

/**
 * Reads which predictions a model keeps.
 * @throws NotFoundError MODEL_NOT_FOUND
 */
export async function readKeeping(name: string, { store }: Pick<World, 'store'>): Promise<ModelKeeping> {
  return present(await readModel(name, store));
}

/**
 * Makes a model keep predictions, or changes which. What was kept while it was on before stays.
 * @throws NotFoundError MODEL_NOT_FOUND
 */
export async function setKeeping(
  name: string,
  keeping: Keeping,
  { store, clock }: Pick<World, 'store' | 'clock'>,
): Promise<ModelKeeping> {
  const now = clock.now();
  const begun = { since: now.toISOString(), period: newIdSuffix(now) };
  const { after } = await changeModel(name, store, (record) => {
    const { since, period } = keepingOf(record) ?? begun;
    const stored: StoredKeeping = { ...keeping, since, period };
    return { ...record, keeping: stored };
  });
  return present(after);
}

/**
 * Makes a model keep nothing, and has the garbage collector remove what it has kept. Its message is sent first, so that
 * the removal need not wait for the daily collection if this process dies.
 * @throws NotFoundError MODEL_NOT_FOUND
 */
export async function endKeeping(name: string, { store, queues }: World): Promise<ModelKeeping> {
  await readModel(name, store);
  await queues.imports.send({ type: 'collect' }, { delaySeconds: BEGINS_AFTER_SECONDS });
  const { after } = await changeModel(name, store, ({ keeping: _, ...record }) => record);
  return present(after);
}

function present(record: ModelRecord): ModelKeeping {
  const stored = keepingOf(record);
  if (stored === undefined) return { model: record.name, keeping: null };
  const { period: _, ...keeping } = stored;
  return { model: record.name, keeping };
}
