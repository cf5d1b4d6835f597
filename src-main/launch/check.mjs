// npm run check [-- step…]: everything that can be said about the sources without running them.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { STEPS } from './check-steps.mjs';
import { ensureInstalled, ensureNode, PrepareError, root } from './prepare.mjs';

async function runStep(name) {
  const startedMs = performance.now();
  const child = spawn(process.execPath, STEPS[name], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const passed = await new Promise((done) => {
    child.on('error', () => done(false));
    child.on('close', (code) => done(code === 0));
  });
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(`${passed ? 'pass' : 'FAIL'}  ${name.padEnd(16)} ${seconds.toFixed(1)} s`);
  if (!passed) process.stdout.write(Buffer.concat(output));
  return { name, passed, seconds };
}

ensureNode();
const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(STEPS);
const unknown = names.filter((name) => !Object.hasOwn(STEPS, name));
if (unknown.length > 0) {
  console.error(`No such step: ${unknown.join(', ')}. There are: ${Object.keys(STEPS).join(', ')}.`);
  process.exit(2);
}
try {
  await ensureInstalled();
} catch (error) {
  if (!(error instanceof PrepareError)) throw error;
  console.error(error.message);
  process.exit(1);
}

const waiting = [...names];
const steps = [];
async function worker() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) steps.push(await runStep(name));
}
await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, worker));

mkdirSync(join(root, 'test-output'), { recursive: true });
writeFileSync(join(root, 'test-output', 'check.json'), JSON.stringify({ steps }, undefined, 2));
if (steps.some((step) => !step.passed)) process.exitCode = 1;
