import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';
import { runJob } from '../../../functions/train/run-job.ts';
import { type Client, createClient } from '../../../lib/client/client.ts';
import { dispatchJob } from '../../../lib/jobs/dispatch-job.ts';
import { workOnJob } from '../../../lib/jobs/work-on-job.ts';
import { readExportedModel, storedPackage } from '../../../lib/model-exports/read-exported-model.ts';
import { resolveModel } from '../../../lib/models/registry.ts';
import { imagenetPrefix, readServedCard, writeServedModel } from '../../../lib/models/served-package.ts';
import { apiSystem } from '../api.ts';
import { publishColours } from './published-colours.ts';

/** A system with `colours` and `imagenet.vgg16`, and a worker for exports. */
export async function exportingSystem() {
  const { api, world, compute } = apiSystem();
  const { onnx, prefix } = await publishColours(world);
  const card = await readServedCard({ package: prefix }, world.store);
  if (card !== undefined) await writeServedModel(imagenetPrefix('vgg16'), card, onnx, world.store);
  const client = createClient(api);
  const work = async (id: string) => {
    const attempt = await dispatchJob(id, compute, world);
    if (attempt === undefined) throw new Error('it was not started');
    return workOnJob({ job: id, attempt }, runJob, world, new AbortController().signal);
  };
  /** Exports a model by a job, and unpacks its archive. */
  const exportAndUnpack = async (ref: string, body: Parameters<Client['models']['export']>[1]) => {
    const submitted = await client.models.export(ref, body);
    await work(submitted.id);
    const job = await client.jobs.get(submitted.id);
    const { files } = await client.jobs.files(job.id);
    const [archive] = files;
    const unpacked = archive === undefined ? [] : await unzip(await client.fetchFile(archive));
    return { submitted, job, archives: files.map(({ name }) => name), files: unpacked };
  };
  const readModel = async (ref: string) => {
    const resolved = await resolveModel(ref, world.store);
    return readExportedModel(resolved, storedPackage(resolved, world.store));
  };
  return { api, world, onnx, prefix, client, work, exportAndUnpack, readModel };
}

async function unzip(bytes: Uint8Array) {
  const zip = new ZipReader(new Uint8ArrayReader(bytes), { useWebWorkers: false, checkSignature: true });
  const files: { name: string; content: Uint8Array }[] = [];
  for (const entry of await zip.getEntries())
    if (!entry.directory) files.push({ name: entry.filename, content: await entry.getData(new Uint8ArrayWriter()) });
  return files;
}
