import type { RegionArea, RegionFacts } from '../contract/gateways';

const inArea = (
  area: RegionArea,
  regions: readonly (readonly [id: string, name: string, note?: 'closing down'])[],
): RegionFacts[] => regions.map(([id, name, note]) => ({ id, area, name, closingDown: note !== undefined }));

/** Not of the product: the region of what was never in a cloud. Session logs are allowed there. */
export const LOCAL_REGION = 'local';

/** The regions in which session logs can be enabled, by area, in the order of the page. @see session-log reference, Regions */
export const REGIONS: readonly RegionFacts[] = [
  ...inArea('chineseMainland', [
    ['cn-qingdao', 'Qingdao'],
    ['cn-zhangjiakou', 'Zhangjiakou'],
    ['cn-huhehaote', 'Hohhot'],
    ['cn-wulanchabu', 'Ulanqab'],
    ['cn-shanghai', 'Shanghai'],
    ['cn-shenzhen', 'Shenzhen'],
    ['cn-heyuan', 'Heyuan'],
    ['cn-guangzhou', 'Guangzhou'],
    ['cn-chengdu', 'Chengdu'],
  ]),
  ...inArea('asiaPacific', [
    ['ap-southeast-1', 'Singapore'],
    ['ap-southeast-2', 'Australia (Sydney)', 'closing down'],
    ['ap-southeast-3', 'Malaysia (Kuala Lumpur)'],
    ['ap-southeast-5', 'Indonesia (Jakarta)'],
    ['ap-southeast-6', 'Philippines (Manila)'],
    ['ap-northeast-1', 'Japan (Tokyo)'],
    ['ap-northeast-2', 'South Korea (Seoul)'],
  ]),
  ...inArea('europeAmericas', [['eu-central-1', 'Germany (Frankfurt)']]),
  ...inArea('local', [[LOCAL_REGION, 'This computer']]),
];

export function hasSessionLogs(region: string): boolean {
  return REGIONS.some(({ id }) => id === region);
}
