/**
 * wait-for-attempt.ts LOG: a spare process that writes its process id, and then its attempt. It ends by SIGTERM, or with
 * its parent until it has an attempt.
 */
process.stdout.write(`${process.pid}\n`);
const endAlone = () => process.exit(0);
process.once('disconnect', endAlone);
process.once('message', (attempt) => {
  process.off('disconnect', endAlone);
  if (process.env.GRAFT_TEST_SILENT === undefined) process.send?.('taken', () => process.disconnect());
  process.stdout.write(`${JSON.stringify(attempt)}\n`);
  setInterval(() => undefined, 1000);
});
