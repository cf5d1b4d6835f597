import { expect, test } from 'vitest';
import { cloudId, checkCloudId } from '../../../src-main/logstore/cloud-ids';
import { hasSessionLogs, REGIONS } from '../../../src-main/logstore/regions';
import { checkRegion } from '../../../src-main/logstore/names';

test('the regions are the 17 of the product page, in its areas, and this computer', () => {
  const inArea = (area: string): number => REGIONS.filter((region) => region.area === area).length;
  expect(['chineseMainland', 'asiaPacific', 'europeAmericas', 'local'].map(inArea)).toEqual([9, 7, 1, 1]);
  expect(new Set(REGIONS.map(({ id }) => id)).size).toBe(18);
  expect(REGIONS.filter(({ closingDown }) => closingDown).map(({ name }) => name)).toEqual(['Australia (Sydney)']);
  for (const { id } of REGIONS) expect(() => checkRegion(id)).not.toThrow();
  expect([hasSessionLogs('cn-shanghai'), hasSessionLogs('local'), hasSessionLogs('cn-hangzhou')]).toEqual([
    true,
    true,
    false,
  ]);
});

test('an id that is made is one that could be given', () => {
  const id = cloudId(
    'gateway',
    Uint8Array.from({ length: 32 }, (_, index) => index * 8),
  );
  expect(id).toMatch(/^ngw-[0-9a-z]{21}$/u);
  expect(() => checkCloudId(id, 'gateway')).not.toThrow();
  for (const wrong of ['', 'a', 'NGW-1', 'ngw_1', '-ngw', 'ngw-', "a' OR 1=1", 'x'.repeat(65)]) {
    expect(() => checkCloudId(wrong, 'gateway')).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  }
});
