/** Loaded before a program (`node --import`): nothing of it gets anywhere by TCP, as on a machine without a network. */
import { Socket } from 'node:net';

const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...args) {
  const [options] = args.flat();
  // Between processes of this machine, by a path.
  if (typeof options === 'object' && options !== null && options.path !== undefined) return connect.apply(this, args);
  process.nextTick(() => this.destroy(Object.assign(new Error('connect ENETUNREACH'), { code: 'ENETUNREACH' })));
  return this;
};
