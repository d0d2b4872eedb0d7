/**
 * Import this module first in a program that predicts at once: the thread of its model starts while the other modules
 * are read.
 */
import { prepareWorker } from './spare-worker.ts';

prepareWorker();
