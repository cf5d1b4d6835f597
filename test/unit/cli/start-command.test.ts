import { existsSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AppError } from '../../../src-main/contract/errors';
import type { ImportRequest } from '../../../src-main/contract/ipc';
import { importReport, int64, queryReport, runCli, text, type StubEngine } from './run-cli';

function hostEngine(requests: ImportRequest[]): StubEngine {
  return {
    import: (request) => {
      requests.push(request);
      return importReport();
    },
    query: async (_request, call) => {
      const sums = {
        name: 'bytes',
        type: 'json' as const,
        data: Uint32Array.of(0, 1),
        dictionary: ['12000000', '930005'],
      };
      await call.batch({
        rowCount: 2,
        columns: [text('pri_ip', ['10.0.0.5', '192.168.100.20']), int64('entries', [1100n, 104n]), sums],
      });
      return queryReport({ rowCount: 2 });
    },
  };
}

test('start imports the bundled sample into a workspace that is gone afterwards', async () => {
  const requests: ImportRequest[] = [];
  const workspaces: string[] = [];
  const { exitCode, stdout, stderr } = await runCli(['start'], {
    io: { env: { NATSCOPE_RESOURCES: '/resources' } },
    engine: hostEngine(requests),
    onOpen: (workspaceDir) => {
      expect(existsSync(workspaceDir ?? '')).toBe(true);
      writeFileSync(`${workspaceDir}/workspace.duckdb`, '');
      workspaces.push(workspaceDir ?? '');
    },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(requests.map(({ captures }) => captures)).toEqual([['/resources/sample.pcapng']]);
  expect(existsSync(workspaces[0] ?? '')).toBe(false);
  expect(stdout).toMatch(/^Importing the bundled sample \/resources\/sample\.pcapng\n\nRun 3: /);
  expect(`\n${stdout.slice(stdout.indexOf('Busiest'))}`).toMatchInlineSnapshot(`
    "
    Busiest hosts
      pri_ip          log entries    IP bytes
      ──────────────  ───────────  ──────────  ───────
      10.0.0.5              1,100  12,000,000  12.0 MB
      192.168.100.20          104     930,005   930 kB

    Nothing of this was kept. To keep it and ask more:
      npm run -s natscope -- import /resources/sample.pcapng
      npm run -s natscope -- query 'pub_port:443 | SELECT pri_ip, count(*) AS n GROUP BY pri_ip'
    "
  `);
});

test('start takes captures of the user', async () => {
  const requests: ImportRequest[] = [];
  const { stdout } = await runCli(['start', 'a b.pcap', '/x/c.pcap'], { engine: hostEngine(requests) });
  expect(requests[0]?.captures).toEqual(['/captures/a b.pcap', '/x/c.pcap']);
  expect(stdout).toContain("npm run -s natscope -- import 'a b.pcap' /x/c.pcap\n");
});

test('a start that fails leaves no workspace', async () => {
  const workspaces: string[] = [];
  const result = await runCli(['start', 'a.pcap'], {
    onOpen: (workspaceDir) => workspaces.push(workspaceDir ?? ''),
    engine: {
      import: () => {
        throw new AppError('CAPTURE_NOT_FOUND', '/captures/a.pcap does not exist: check the path');
      },
    },
  });
  expect(result.exitCode).toBe(1);
  expect(result.stderr).toBe('natscope: /captures/a.pcap does not exist: check the path (CAPTURE_NOT_FOUND)\n');
  expect(workspaces.map((folder) => existsSync(folder))).toEqual([false]);
});

test('an empty path is wrong usage', async () => {
  expect(await runCli(['start', ''])).toMatchObject({ exitCode: 2, stdout: '' });
});
