import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentDisposition } from '../../../src-main/serve/download-answers';
import { uploadName } from '../../../src-main/serve/upload-name';
import { PROPERTY_RUNS } from '../../support/property-runs';

test.each([
  { name: 'office.pcap', kept: 'office.pcap' },
  { name: 'Büro 2026-11.pcapng', kept: 'Büro 2026-11.pcapng' },
  { name: '办公室.pcap', kept: '办公室.pcap' },
  { name: '../../etc/passwd', kept: 'passwd' },
  { name: 'C:\\captures\\a.pcap', kept: 'a.pcap' },
  { name: 'a/b\\..\\c.pcap', kept: 'c.pcap' },
  { name: '..', kept: 'capture' },
  { name: '', kept: 'capture' },
  { name: 'x/', kept: 'capture' },
  { name: '.bashrc', kept: 'bashrc' },
  { name: 'a.pcap. . ', kept: 'a.pcap' },
  { name: 'a\0b\n\u001b[31m.pcap', kept: 'ab[31m.pcap' },
  { name: 'gnp.\u202epacp', kept: 'gnp.pacp' },
  { name: 'a:b*c?.pcap', kept: 'a_b_c_.pcap' },
  { name: 'NUL.pcap', kept: '_NUL.pcap' },
  { name: 'com1', kept: '_com1' },
])('$name is kept as $kept', ({ name, kept }) => {
  expect(uploadName(name)).toBe(kept);
});

test('a long name keeps its extension, and no half characters', () => {
  const kept = uploadName(`${'😀'.repeat(100)}.pcapng`);
  expect(kept).toMatch(/^(😀){48}\.pcapng$/u);
  expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(200);
});

test('whatever a browser sends becomes the name of one file', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const kept = uploadName(name);
      expect(kept).not.toMatch(/[/\\\p{Cc}]/u);
      expect(kept).not.toMatch(/^\.|^$/);
      expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(255);
    }),
    { numRuns: PROPERTY_RUNS },
  );
});

test('a download names its file to clients of every age', () => {
  expect(contentDisposition('log.csv')).toBe(`attachment; filename="log.csv"; filename*=UTF-8''log.csv`);
  expect(contentDisposition(`a"b's ü%.csv`)).toBe(
    `attachment; filename="a_b's __.csv"; filename*=UTF-8''a%22b%27s%20%C3%BC%25.csv`,
  );
  expect(contentDisposition('a\r\nSet-Cookie: x=1')).not.toMatch(/[\r\n]/);
});
