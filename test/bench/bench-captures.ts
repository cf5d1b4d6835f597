import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capturesFolder } from '../support/captures';

/** Benchmark captures, built once from the shared templates and kept, since building them takes longer than a run. */
export function benchCapture(name: 'mix-100m.pcap' | 'mix-1g.pcap' | 'mix-snap128-ns.pcap'): string {
  const folder = process.env['NATSCOPE_BENCH_CAPTURES'] ?? join(tmpdir(), 'natscope-bench-captures');
  const path = join(folder, name);
  if (existsSync(path)) return path;
  if (capturesFolder === undefined) throw new Error(`${path} is missing; set NATSCOPE_CAPTURES to have it built`);
  const size = name === 'mix-100m.pcap' ? ['small'] : [];
  execFileSync('sh', [join(capturesFolder, 'perf/build.sh'), folder, ...size], { stdio: 'inherit' });
  return path;
}
