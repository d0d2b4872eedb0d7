/** deaf.ts: a worker that does not hear SIGTERM: `ignoring` it, or `blocked`, as the job's name says. */
process.on('SIGTERM', () => undefined);
process.stdout.write('ready\n');
if (process.argv[2] === 'blocked') for (;;);
setInterval(() => undefined, 1000);
