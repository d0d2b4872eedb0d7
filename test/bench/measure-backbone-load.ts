/**
 * A separate process that builds a backbone, loads weights from a file, exports it and opens it.
 * `measure-backbone-load.ts NAME FILE arrays|wasm|native`, by what holds the weights.
 */
import { openBackbone } from '../../lib/backbones/load-backbone.ts';
import { readWeights } from '../../lib/backbones/weights/read-weights.ts';
import { exportOnnx } from '../../lib/onnx/export-onnx.ts';
import { openSession } from '../../lib/onnx/session.ts';
import { startTensorFlow } from '../../lib/tensor/start-tensorflow.ts';
import { startTensors } from '../../lib/tensor/start-tensors.ts';

const [name = '', file = '', held = ''] = process.argv.slice(2);
const peak = (): number => process.resourceUsage().maxRSS / 1024;
const now = (): number => performance.now() / 1000;

await (held === 'arrays' ? startTensors() : startTensorFlow());
// Not the peak so far, which a process inherits from its parent.
const atRest = process.memoryUsage.rss() / 2 ** 20;
const start = now();
let read = start;
const source = {
  id: file,
  async read() {
    const weights = await readWeights(file);
    read = now();
    return weights;
  },
};
const { model, preprocessing } = await openBackbone(source, { name });
const onnx = exportOnnx(model, { preprocessing });
const exported = { exportedSeconds: now() - read, exportedMebibytes: peak() - atRest };
model.dispose();
await openSession(onnx);
const opened = { openedSeconds: now() - read, openedMebibytes: peak() - atRest };
console.log(JSON.stringify({ atRestMebibytes: atRest, readSeconds: read - start, ...exported, ...opened }));
process.exit(0);
