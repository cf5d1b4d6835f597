import { expect, test } from 'vitest';
import { importText } from '../../../src-main/cli/ledger-text';
import { CLEAN_LEDGER, importReport } from './run-cli';

test('a clean import shows three balanced equations', () => {
  expect(`\n${importText(importReport(), 80)}`).toMatchInlineSnapshot(`
    "
    Run 3: 1,204 log entries in 2 windows, imported in 1.2 s
    Logstore session-log, project local
    Workspace /data/default

    Captures
      /captures/office.pcap
        pcap, 16,204,100 bytes, 102,331 packets
        2026-03-10 09:00:00.123 – 2026-03-10 09:19:59.999 UTC

    File bytes                             bytes
      read                            16,204,100
        container                      1,637,320
        captured                      14,566,780
        unreadable                             0
      sum                             16,204,100
                                      = balanced

    Packets and IP bytes                 packets    share          IP bytes
      read                               102,331                 13,130,210
        in log entries                    99,990  97.71 %        12,930,005
        non_ip                                12   0.01 %                 0
            No IP packet in the frame: ARP, LLDP, spanning tree, encrypted radio
            frames and the like, or a frame that ends before an IP header begins.
        intra                              2,329   2.28 %           200,205
            Both ends are inside the VPC, so the packet does not pass the gateway.
      sum                                102,331                 13,130,210
                                      = balanced                 = balanced
    "
  `);
});

const LOSSY = importReport({
  captures: [
    {
      path: '/captures/cut.pcapng',
      format: 'pcapng',
      fileBytes: 3_000_000_120,
      packets: 6_412_907,
      firstTime: '1773133200.5',
      lastTime: '1773133200.5',
    },
    { path: '/captures/none.pcap', format: 'pcap', fileBytes: 24, packets: 0, firstTime: null, lastTime: null },
  ],
  skipped: [
    {
      path: '/captures/notes.txt',
      code: 'CAPTURE_NOT_A_CAPTURE',
      message: '/captures/notes.txt is no packet capture: its first 4 bytes are no pcap or pcapng magic',
    },
  ],
  ledger: {
    fileBytes: {
      read: 3_000_000_144,
      container: 100_000_024,
      captured: 2_899_999_000,
      unreadable: [
        {
          file: '/captures/cut.pcapng',
          offset: 1_204_100,
          bytes: 1_000,
          cause: 'the block length is no multiple of 4',
        },
        { file: '/captures/cut.pcapng', offset: 3_000_000_000, bytes: 120, cause: 'the file ends inside a block.' },
      ],
    },
    packets: { read: 6_412_907, inEntries: 6_412_900, notInEntries: { no_port: 3, malformed: 4 } },
    ipBytes: { read: 2_700_000_000, inEntries: 2_699_999_000, notInEntries: { no_port: 1_000 } },
  },
  createdIndex: true,
  notices: [
    { kind: 'info', text: 'Logstore session-log had no index; the recommended one for session logs was created.' },
    { kind: 'losses', text: 'Run 3 is incomplete.' },
  ],
});

test('losses are named with their place and what to do', () => {
  expect(`\n${importText(LOSSY, 80)}`).toMatchInlineSnapshot(`
    "
    Run 3: 1,204 log entries in 2 windows, imported in 1.2 s
    Logstore session-log, project local
    Workspace /data/default

    Captures
      /captures/cut.pcapng
        pcapng, 3,000,000,120 bytes, 6,412,907 packets
        2026-03-10 09:00:00.500 – 2026-03-10 09:00:00.500 UTC
      /captures/none.pcap
        pcap, 24 bytes, 0 packets

    File bytes                             bytes
      read                         3,000,000,144
        container                    100,000,024
        captured                   2,899,999,000
        unreadable                         1,120
      sum                          3,000,000,144
                                      = balanced

    Packets and IP bytes                 packets      share          IP bytes
      read                             6,412,907                2,700,000,000
        in log entries                 6,412,900  > 99.99 %     2,699,999,000
      ! malformed                              4   < 0.01 %                 0
            An IP header contradicts itself or the frame, so no address could be
            trusted.
      ! no_port                                3   < 0.01 %             1,000
            Every port that the host may have was taken for this destination, so the
            gateway refused the session.
      sum                              6,412,907                2,700,000,000
                                      = balanced                   = balanced

    Unreadable
      /captures/cut.pcapng
        1,000 bytes from offset 1,204,100
        The block length is no multiple of 4.
        Everything around it is imported. For the rest, get an undamaged copy and
        import that.
      /captures/cut.pcapng
        120 bytes from offset 3,000,000,000
        The file ends inside a block.
        Everything before it is imported. For the rest, get the whole file again and
        import that.

    Left out
      /captures/notes.txt is no packet capture: its first 4 bytes are no pcap or
      pcapng magic (CAPTURE_NOT_A_CAPTURE)

    Logstore session-log had no index; the recommended one for session logs was
    created.

    Done with losses: 1,120 unreadable bytes, 4 packets malformed, 3 packets
    no_port, 1 capture left out.
    "
  `);
});

test('no line is wider than the terminal where words allow it', () => {
  for (const columns of [80, 100, 200]) {
    const widest = Math.max(
      ...importText(LOSSY, columns)
        .split('\n')
        .map((line) => line.length),
    );
    expect(widest).toBeLessThanOrEqual(Math.min(columns, 100));
  }
});

test('an equation that does not hold is shown as such', () => {
  const ledger = { ...CLEAN_LEDGER, packets: { ...CLEAN_LEDGER.packets, read: 102_336 } };
  expect(importText(importReport({ ledger }), 80)).toContain('≠ off by -5');
});

test('losses that no number shows are told, and those of the ledger once', () => {
  const report = importReport({
    notices: [
      { kind: 'losses', text: 'Run 3 is incomplete: 3 malformed packets.' },
      { kind: 'losses', text: 'Some packets may count twice.', isBesideLedger: true },
      { kind: 'info', text: 'There is an index now.' },
    ],
  });
  const text = importText(report, 80);
  expect(text).toContain('Some packets may count twice.\nThere is an index now.');
  expect(text).not.toContain('is incomplete');
});
