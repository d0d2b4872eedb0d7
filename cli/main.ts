#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
/** The graft command. */
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), process.env);
