import {
  REGION_AREAS,
  type GatewayFacts,
  type RegionArea,
  type RegionFacts,
} from '../../../src-main/contract/gateways';
import { t } from '../../services/messages/catalogue';

/** A region's name, with a word about its end. */
export function regionName(regions: readonly RegionFacts[], id: string): string {
  const found = regions.find((region) => region.id === id);
  return found === undefined ? id : t.gateways.regionName(found.name, found.closingDown);
}

/** Regions by area, in the order of the product page; areas without one are left out. */
export function regionsByArea(
  regions: readonly RegionFacts[],
): readonly { readonly area: RegionArea; readonly regions: readonly RegionFacts[] }[] {
  return REGION_AREAS.map((area) => ({ area, regions: regions.filter((region) => region.area === area) })).filter(
    (group) => group.regions.length > 0,
  );
}

export interface RegionGroup {
  readonly region: string;
  readonly gateways: readonly GatewayFacts[];
}

/**
 * Gateways by region: that of the built-in one first, the others as the product page has them, and then those that it has not.
 *
 * @param region empty for all
 */
export function gatewaysByRegion(
  gateways: readonly GatewayFacts[],
  regions: readonly RegionFacts[],
  region: string,
): readonly RegionGroup[] {
  const order = regions.map(({ id }) => id);
  const place = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length);
  const shown = gateways.filter((gateway) => region === '' || gateway.region === region);
  const isFirst = (id: string): number => (shown.some((one) => one.builtIn && one.region === id) ? 0 : 1);
  return [...new Set(shown.map((gateway) => gateway.region))]
    .sort((one, other) => isFirst(one) - isFirst(other) || place(one) - place(other) || one.localeCompare(other))
    .map((id) => ({ region: id, gateways: shown.filter((gateway) => gateway.region === id) }));
}
