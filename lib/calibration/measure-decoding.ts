import type { MachineRates } from '../contracts/machine-profile.ts';
import { decodeImage } from '../images/decode-image.ts';
import { encodeJpeg } from '../images/open-image.ts';
import { resizeBilinear } from '../images/resize-bilinear.ts';
import type { Measured } from './measured.ts';
import { meanOf, spreadOf, timeRepeatedly } from './probe.ts';

const [WIDTH, HEIGHT] = [640, 480];
/** Images decoded concurrently, as in a job. */
const AT_ONCE = 4;
const INPUT = 224;

/** Measures decoding and resizing of camera-like JPEG images, several at once. */
export async function measureDecoding(reference: MachineRates): Promise<Measured<'decode' | 'resize'>> {
  const bytes = await photograph();
  const decodeSome = () => Promise.all(Array.from({ length: AT_ONCE }, () => decodeImage(bytes)));
  const decoding = await timeRepeatedly(decodeSome, 4, 1);
  const image = await decodeImage(bytes);
  const resizing = await timeRepeatedly(async () => resizeBilinear(image, [INPUT, INPUT]), 3, 0.5);
  return {
    rates: {
      decode: Math.max(meanOf(decoding) / ((AT_ONCE * WIDTH * HEIGHT) / 1e6), reference.decode / 10),
      resize: Math.max(meanOf(resizing) / (INPUT ** 2 / 1e6), reference.resize / 10),
    },
    spread: Math.max(spreadOf(decoding), spreadOf(resizing)),
  };
}

/** Creates a test image from waves of several wavelengths, which is neither flat nor noise. */
function photograph(): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % WIDTH, Math.floor(i / 3 / WIDTH)];
    return 128 + 60 * Math.sin(x / 7 + (i % 3)) + 60 * Math.cos((x * y) / 3000);
  });
  return encodeJpeg({ width: WIDTH, height: HEIGHT, data }, 90);
}
