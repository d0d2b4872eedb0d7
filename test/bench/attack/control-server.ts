/** A server that does nothing, in a process of its own: how late it answers is the machine's doing. It ends with its parent. */
import { createServer } from 'node:http';

const server = createServer((_, response) => response.end('{}'));
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));
process.once('disconnect', () => process.exit(0));
