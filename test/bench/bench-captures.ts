import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { capturesFolder } from '../support/captures';
import { hasTool } from '../support/tools';

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

/** Of the mix, with a minute or two between two of them. */
const MIX_SEC = 7800;

/**
 * The mix of one GiB four times, one after the other: four times as long, with as many sessions at once.
 *
 * @returns null without Wireshark's programs
 */
export function fourfoldMix(): string | null {
  const mix = benchCapture('mix-1g.pcap');
  const path = join(dirname(mix), 'mix-4g.pcap');
  if (existsSync(path)) return path;
  if (!hasTool('editcap')) return null;
  const later = [1, 2, 3].map((times) => {
    const shifted = `${path}.${times}`;
    execFileSync('editcap', ['-F', 'pcap', '-t', String(times * MIX_SEC), mix, shifted]);
    return shifted;
  });
  execFileSync('mergecap', ['-a', '-F', 'pcap', '-w', path, mix, ...later]);
  for (const shifted of later) rmSync(shifted);
  return path;
}
