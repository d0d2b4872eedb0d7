/** Opens a session in this thread and one in a worker. Arguments: the model's file, and which of the two is first. */
import { openSession } from '../../../lib/onnx/session.ts';
import { openWorkerSession } from '../../../lib/onnx/worker-session.ts';

const [file = '', first] = process.argv.slice(2);
const opens = [openSession, openWorkerSession];
for (const open of first === 'a worker' ? opens.toReversed() : opens) await (await open(file)).close();
