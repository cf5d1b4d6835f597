import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

/**
 * The mix of one GiB, four times as long with as many sessions at once.
 *
 * @returns null where the generator of the benchmark captures is missing
 */
export function fourfoldMix(): string | null {
  const folder = dirname(benchCapture('mix-1g.pcap'));
  const path = join(folder, 'mix-4g.pcap');
  if (existsSync(path)) return path;
  if (!existsSync(join(folder, 'gen'))) return null;
  // Out, seed, seconds, start, hosts, snap length, nanoseconds, IPv6 per mille; then flows by kind, of which those that
  // live all the time are as many as in the mix.
  const shape = ['1', '29040', '1741597050', '6000', '262144', '0', '80'];
  const flows = ['1380000', '24000', '120000', '360000', '300000', '4800', '160000', '48000', '600', '80000'];
  execFileSync('./gen', ['mix-4g.pcap', ...shape, ...flows], { cwd: folder, stdio: 'inherit' });
  return path;
}
