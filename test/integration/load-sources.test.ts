import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, test } from 'vitest';
import { natscope, natscopeBin, run, type CommandResult } from '../support/command';
import { canMount, natscopeOnTmpfs, needingMounts } from '../support/mounts';
import { StartedCommand } from '../support/started-command';
import { tempFolder } from '../support/temp';

let folder = '';
let workspace = '';
beforeEach(() => {
  folder = tempFolder();
  workspace = join(folder, 'workspace');
});

/** Entries whose texts do not compress. */
function entries(count: number, textBytes = 0): string {
  const text = (index: number): string => {
    const digests = Array.from({ length: Math.ceil(textBytes / 64) }, (_, part) =>
      createHash('sha256').update(`${index}/${part}`).digest('hex'),
    );
    return digests.join('');
  };
  const lines = Array.from({ length: count }, (_, index) =>
    JSON.stringify({ ts: 1_773_130_000 + index, n: index, text: text(index) }),
  );
  return `${lines.join('\n')}\n`;
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** Runs lines of a shell in which `natscope` and `$W`, the workspace, are known. */
function shell(script: string): Promise<CommandResult> {
  const begin = `set -o pipefail; natscope() { "${process.execPath}" "${natscopeBin}" "$@"; }; W="${workspace}"`;
  return run('bash', ['-c', `${begin}\n${script}`], { cwd: folder });
}

describe('a load from a pipe', () => {
  test('is that of the file, from standard input, a named pipe, and one of the shell, compressed or not', async () => {
    file('a.ndjson', entries(2000));
    file('a.ndjson.gz', gzipSync(entries(2000)));
    const result = await shell(`
      cat a.ndjson | natscope load - --logstore one --workspace "$W" --json
      mkfifo fifo; cat a.ndjson.gz > fifo & natscope load fifo --logstore two --workspace "$W" --json
      natscope load <(cat a.ndjson) - --logstore three --workspace "$W" --json < a.ndjson.gz
      cat a.ndjson | natscope load - --logstore one --workspace "$W" --json
      natscope query '* | SELECT count(*) AS c, sum(n) AS s FROM log' --logstore two --workspace "$W" --json`);
    const replies = result.stdout
      .split(/^(?=\{"(?:run|error)|\[$)/mu)
      .map((reply) => JSON.parse(reply) as Record<string, unknown>);
    expect(replies).toMatchObject([
      { entries: 2000, files: [{ path: '-', format: 'ndjson' }] },
      { entries: 2000, files: [{ path: join(folder, 'fifo') }] },
      { entries: 4000 },
      { error: { code: 'LOAD_REPEATED' } },
      [{ c: 2000, s: 1_999_000 }],
    ]);
    expect(readdirSync(join(workspace, 'tmp'))).toEqual([]);
  });

  test('may be Parquet, which is kept until it can be read', async () => {
    file('a.ndjson', entries(500));
    const result = await shell(`
      natscope load a.ndjson --logstore rows --workspace "$W" --json >/dev/null
      natscope query '* | SELECT ts, n, text FROM log' --logstore rows --workspace "$W" --format parquet --out a.parquet
      cat a.parquet | natscope load - --logstore piped --workspace "$W" --json`);
    expect(JSON.parse(result.stdout)).toMatchObject({ entries: 500, files: [{ path: '-', format: 'parquet' }] });
    expect(readdirSync(join(workspace, 'tmp'))).toEqual([]);
  });

  test('reaches the engine of another process', async () => {
    file('a.ndjson', entries(1000));
    const host = new StartedCommand(process.execPath, [natscopeBin, 'serve', '--workspace', workspace, '--json']);
    await host.firstLine();
    const { stdout, stderr } = await shell(
      'cat a.ndjson | natscope load - <(gzip -c a.ndjson) --workspace "$W" --json',
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ entries: 2000, logstore: 'loaded', files: [{ path: '-' }, {}] });
  });
});

describe.skipIf(!canMount)(needingMounts('disks'), () => {
  test('a full disk: WORKSPACE_FULL, nothing of the load, and what was there before still is', async () => {
    file('small.ndjson', entries(3));
    file('large.ndjson', entries(60_000, 512));
    mkdirSync(workspace);
    const script = `
      natscope load small.ndjson --logstore kept --workspace "$W" --json >/dev/null || exit 9
      natscope load large.ndjson --logstore kept --workspace "$W" --json; echo "code $?"
      natscope load large.ndjson --logstore new --workspace "$W" --json; echo "code $?"
      cat large.ndjson | natscope load - --logstore new --workspace "$W" --json; echo "code $?"
      ls "$W/tmp"
      natscope query '* | SELECT count(*) AS n' --logstore kept --workspace "$W" --json
      natscope index reindex --logstore kept --workspace "$W" --json
      natscope logstore delete kept --yes --workspace "$W" --json
      natscope logstore list --workspace "$W" --json`;
    file(
      'script.sh',
      `W="${workspace}"; natscope() { "${process.execPath}" "${natscopeBin}" "$@"; }; cd "${folder}"\n${script}`,
    );
    const mounted = `mount -t tmpfs -o size=14m tmpfs "${workspace}" && bash "${join(folder, 'script.sh')}"`;
    const { stdout } = await run('unshare', ['--mount', 'bash', '-c', mounted]);
    expect(stdout.match(/"code":"WORKSPACE_FULL"/gu)).toHaveLength(3);
    expect(stdout.match(/^code 1$/gmu)).toHaveLength(3);
    const after = stdout.slice(stdout.lastIndexOf('code 1') + 'code 1'.length);
    expect(after).toMatch(/^\s*\[\s*\{"n":3\}\s*\]/u);
    expect(after).toContain('"reindexed":0');
    expect(after).toContain('"entries":3');
    expect(after.trimEnd()).not.toContain('"logstore":"kept","schema"');
  });

  test('a disk that fills up while the workspace is open: index, reindex and delete fail whole, and work once there is space', async () => {
    file('small.ndjson', entries(2000));
    file('no-index.json', '{"keys":{"n":{"type":"long"}}}');
    mkdirSync(workspace);
    const script = `
      natscope load small.ndjson --logstore kept --workspace "$W" --json >/dev/null || exit 9
      "${process.execPath}" "${natscopeBin}" serve --workspace "$W" --json > serve.json & SERVE=$!
      until grep -q url serve.json; do sleep 0.1; done
      dd if=/dev/zero of="$W/other" bs=4k 2>/dev/null
      natscope index set no-index.json --logstore kept --workspace "$W" --json; echo "code $?"
      natscope index reindex --logstore kept --workspace "$W" --json; echo "code $?"
      natscope logstore delete kept --yes --workspace "$W" --json; echo "code $?"
      rm "$W/other"
      natscope query 'text:* and ts > 0 | SELECT count(*) AS n' --logstore kept --workspace "$W" --json
      natscope index set no-index.json --logstore kept --workspace "$W" --json >/dev/null; echo "then $?"
      natscope index reindex --logstore kept --workspace "$W" --json | grep -o '"reindexed":[0-9]*'
      kill $SERVE; wait $SERVE
      natscope query 'n >= 0 | SELECT count(*) AS n' --logstore kept --workspace "$W" --json
      natscope logstore delete kept --yes --workspace "$W" --json; echo "then $?"`;
    file(
      'script.sh',
      `W="${workspace}"; natscope() { "${process.execPath}" "${natscopeBin}" "$@"; }; cd "${folder}"\n${script}`,
    );
    const mounted = `mount -t tmpfs -o size=30m tmpfs "${workspace}" && bash "${join(folder, 'script.sh')}"`;
    const { stdout } = await run('unshare', ['--mount', 'bash', '-c', mounted]);
    expect(stdout.match(/"code":"WORKSPACE_FULL"/gu)).toHaveLength(3);
    expect(stdout.match(/^code 1$/gmu)).toHaveLength(3);
    const after = stdout.slice(stdout.lastIndexOf('code 1') + 'code 1'.length);
    expect(after).toMatch(/^\s*\[\s*\{"n":2000\}\s*\]\s*then 0\s*"reindexed":2000\s*\[\s*\{"n":2000\}\s*\]/u);
    expect(after.trimEnd()).toMatch(/"entries":2000\}\s*then 0$/u);
  });

  test('a disk that cannot be written: WORKSPACE_READ_ONLY', async () => {
    mkdirSync(workspace);
    const path = file('a.ndjson', entries(3));
    const result = await natscopeOnTmpfs(workspace, 'ro', ['load', path, '--workspace', workspace, '--json']);
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { code: 'WORKSPACE_READ_ONLY' } });
  });

  test('a workspace that has become unwritable keeps what it has', async () => {
    const path = file('kept.ndjson', entries(3));
    await natscope(['load', path, '--workspace', workspace]);
    const script = `
      mount --bind "${workspace}" "${workspace}" && mount -o remount,ro,bind "${workspace}" || exit 9
      natscope() { "${process.execPath}" "${natscopeBin}" "$@" --workspace "${workspace}" --json; }
      natscope load "${path}" --again; natscope index reindex --logstore kept; natscope logstore delete kept --yes`;
    const { stdout } = await run('unshare', ['--mount', 'bash', '-c', script]);
    expect(stdout.match(/"code":"WORKSPACE_READ_ONLY"/gu)).toHaveLength(3);
    const kept = await natscope(['query', '*', '--logstore', 'kept', '--workspace', workspace, '--json']);
    expect(JSON.parse(kept.stdout)).toHaveLength(3);
  });
});
