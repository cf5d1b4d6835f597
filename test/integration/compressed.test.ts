import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../src-main/contract/ledger';
import { PACKINGS } from '../../src-main/engine/unpack/unpacker';
import { bundledSample, capturesFolder, needingCaptures } from '../support/captures';
import { natscope } from '../support/command';
import { natscopeHere } from '../support/command-here';
import { compress, packings, packingTitle } from '../support/compress';
import { tempFolder } from '../support/temp';

interface Report {
  readonly captures: readonly { readonly path: string; readonly bytes: number }[];
  readonly file_bytes: { readonly read: number; readonly unreadable: Ledger['fileBytes']['unreadable'] };
  readonly log_entries: number;
  readonly packets: { readonly read: number };
  readonly balanced: boolean;
  readonly error?: { readonly code: string; readonly message: string };
}

let folder = '';
beforeEach(() => {
  folder = tempFolder();
});
const sample = readFileSync(bundledSample);

async function imported(path: string, ...more: string[]): Promise<{ readonly code: number | null; report: Report }> {
  const workspace = join(folder, `workspace-${Math.random()}`);
  const { code, stdout } = await natscopeHere(['import', path, '--workspace', workspace, '--json', ...more]);
  return { code, report: JSON.parse(stdout) as Report };
}

async function rowsOf(path: string): Promise<string> {
  const workspace = join(folder, 'rows');
  expect((await natscopeHere(['import', path, '--workspace', workspace])).code).toBe(0);
  const { stdout } = await natscopeHere(['query', '*', '--workspace', workspace, '--json']);
  return stdout;
}

test.each(PACKINGS.map((packing) => ({ packing, title: packingTitle(packing, 'gives the same rows') })))(
  '$title',
  async ({ packing }) => {
    if (!packings.includes(packing)) return;
    const plain = await rowsOf(bundledSample);
    folder = tempFolder();
    // The name says nothing: the content does.
    const path = join(folder, 'capture');
    writeFileSync(path, compress(packing, sample));
    expect(await rowsOf(path)).toBe(plain);
    expect(JSON.parse(plain)).not.toHaveLength(0);
  },
);

describe('a damaged gzip file', () => {
  const packed = compress('gzip', sample);
  const damaged = (bytes: Uint8Array): string => {
    const path = join(folder, 'damaged.pcapng.gz');
    writeFileSync(path, bytes);
    return path;
  };

  test('that is cut keeps what is before the cut, and names it', async () => {
    const cutAt = packed.length >> 1;
    const { code, report } = await imported(damaged(packed.subarray(0, cutAt)));
    expect(code).toBe(3);
    expect(report.balanced).toBe(true);
    expect(report.log_entries).toBeGreaterThan(50);
    expect(report.file_bytes.unreadable[0]?.cause).toContain(`cut off at compressed offset ${cutAt},`);
  });

  test('of which only the checksum is wrong is a loss, though every packet is there', async () => {
    const { code, report } = await imported(damaged(packed.with(-5, packed.at(-5)! ^ 1)));
    expect(code).toBe(3);
    expect(report).toMatchObject({
      balanced: true,
      packets: { read: 3738 },
      file_bytes: { read: sample.length, unreadable: [{ offset: sample.length, bytes: 0 }] },
    });
    const path = damaged(packed.with(-5, packed.at(-5)! ^ 1));
    const text = await natscopeHere(['import', path, '--workspace', join(folder, 'text')]);
    expect(text.stdout).toMatch(/Done with losses: damaged compressed data\.\n$/);
    const conversations = await natscope(['conversations', path]);
    expect(conversations.code).toBe(3);
    expect(conversations.stderr).toContain('incomplete behind offset 1,473,756: the checksum before');
  });

  test('with nothing of the capture is an error that names the damage', async () => {
    const { code, report } = await imported(damaged(packed.subarray(0, 15)));
    expect(code).toBe(1);
    expect(report.error).toMatchObject({ code: 'CAPTURE_UNREADABLE' });
    expect(report.error?.message).toContain('cut off at compressed offset 15');
  });
});

test('progress counts what is read of the compressed file', async () => {
  const path = join(folder, 'a.gz');
  const packed = compress('gzip', sample);
  writeFileSync(path, packed);
  const { stderr } = await natscopeHere(['import', path, '--workspace', join(folder, 'w'), '--progress', 'always']);
  expect(stderr).toMatch(/^100\.0 % · (\d.*) of \1/m);
});

const bad = capturesFolder === undefined ? [] : readdirSync(join(capturesFolder, 'bad'));
describe.skipIf(capturesFolder === undefined)(needingCaptures('every bad compressed capture ends well'), () => {
  test.each(bad.filter((name) => /\.(gz|zst)$/.test(name)))('%s', async (name) => {
    const { code, report } = await imported(join(capturesFolder ?? '', 'bad', name));
    if (report.error === undefined) {
      expect(report.balanced).toBe(true);
      expect(code).toBe(report.file_bytes.unreadable.length > 0 ? 3 : code);
    } else {
      expect(code).toBe(1);
      expect(report.error.code).toMatch(/^CAPTURE_/);
    }
    expect(code === 0 || code === 1 || code === 3).toBe(true);
  });

  test('the bomb is let through when its user wants that', async () => {
    const path = join(capturesFolder ?? '', 'bad/dmg-gz-bomb.pcap.gz');
    expect((await imported(path)).report.error).toMatchObject({ code: 'CAPTURE_EXPANSION_LIMIT' });
    const { report } = await imported(path, '--max-expansion', '1100');
    expect(report).toMatchObject({ balanced: true, file_bytes: { read: 192_000_024 } });
  });
});
