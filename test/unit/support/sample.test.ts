import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { bundledSample } from '../../support/captures';
import { sampleCapture } from '../../support/make-sample';
import { hasTool, needing } from '../../support/tools';

test('the bundled sample is what its generator writes (UPDATE_GOLDEN=1 writes it anew)', () => {
  const bytes = sampleCapture();
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(bundledSample, bytes);
  expect(Buffer.from(bytes).equals(readFileSync(bundledSample))).toBe(true);
});

/** A checksum is bad where its status is 0. */
const FAULTS = ['ip', 'tcp', 'udp', 'icmp', 'icmpv6'].map((layer) => `${layer}.checksum.status == 0`);

test.skipIf(!hasTool('tshark'))(needing('tshark', 'no frame of the sample is malformed or has a bad checksum'), () => {
  const checked = ['ip', 'tcp', 'udp'].flatMap((layer) => ['-o', `${layer}.check_checksum:TRUE`]);
  const filter = ['_ws.malformed', ...FAULTS].join(' || ');
  const args = ['-r', bundledSample, ...checked, '-Y', filter];
  expect(execFileSync('tshark', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).toBe('');
});
