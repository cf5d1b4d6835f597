// Part of the build: runs the command as it is used most, and keeps the code that V8 compiled meanwhile.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepCode, runCommandFile } from './command-file.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const { exports: command, script } = runCommandFile(root);
const folder = mkdtempSync(join(tmpdir(), 'natscope-build-'));
const workspace = ['--workspace', join(folder, 'workspace')];
try {
  for (const args of [
    ['import', join(root, 'resources/sample.pcapng')],
    ['query', '* | SELECT pri_ip, sum(bytes_from_vpc) AS bytes GROUP BY pri_ip ORDER BY bytes DESC'],
    ['query', 'protocol: 6 and pub_port: 443'],
  ]) {
    const code = await command.main([...args, ...workspace]);
    if (code !== 0) throw new Error(`natscope ${args[0]} ended with ${code}`);
  }
  keepCode(root, script);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
