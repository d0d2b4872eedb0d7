/** Predicts once through the HTTP handler, and exits. `cold-predict DIRECTORY IMAGE` */
import '../../lib/onnx/prepare-worker.ts';
import { readFile } from 'node:fs/promises';
import { localApi } from '../../functions/api/dispatch-request.ts';
import { predict } from '../../functions/api/predict.ts';
import { openExplainerLazily } from '../../lib/explanation/lazy-explainer.ts';
import { openPredictor } from '../../lib/inference/predictor.ts';
import { openEmbeddedWorld } from '../../lib/local/embedded-world.ts';
import { openWorkerSession } from '../../lib/onnx/worker-session.ts';

const [directory = '', image = ''] = process.argv.slice(2);
const world = openEmbeddedWorld(directory, () => {});
const predictor = openPredictor(world.store, openWorkerSession, openExplainerLazily);
const compute = { start: async () => '', stop: async () => {}, state: async () => 'unknown' as const };
const send = localApi([predict], { world, compute, predictor });
const headers = { 'content-type': 'image/jpeg' };
const body = await readFile(image);
const { status } = await send({ method: 'POST', url: '/v1/models/sample/predict', headers, body });
process.exit(status === 200 ? 0 : 1);
