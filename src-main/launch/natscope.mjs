#!/usr/bin/env node
import { runCommand } from './prepare.mjs';

await runCommand(process.argv.slice(2));
