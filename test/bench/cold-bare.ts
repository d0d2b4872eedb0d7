/** Predicts once with sharp and onnxruntime alone, and exits. `cold-bare MODEL IMAGE` */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';

const [model = '', image = ''] = process.argv.slice(2);
const session = await InferenceSession.create(model);
const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
const input = new Tensor('float32', Float32Array.from(data), [1, info.height, info.width, 3]);
await session.run({ [session.inputNames[0] ?? '']: input });
process.exit(0);
