#!/usr/bin/env node
import { run } from './cli/run.ts';

// A channel to a parent, a worker or a socket that was left open must not keep a failed start alive.
process.exit(await run(process.argv.slice(2)));
