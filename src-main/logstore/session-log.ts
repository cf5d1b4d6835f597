import type { DeliveryCode, DeliveryStatus } from '../contract/delivery';
import type { AccountFacts, GatewayFacts, SessionLogReport } from '../contract/gateways';
import { hasSessionLogs, REGIONS } from './regions';

/** An Internet or VPC NAT gateway whose session log is enabled, and which has a network in common with another. */
export interface OverlappingVpc {
  readonly gateway: string;
  readonly networks: readonly [own: string, theirs: string];
}

/**
 * Why the session log of a gateway cannot be enabled, whatever its destination.
 * @param overlapping null when a capture's packets can always be told apart
 * @returns null when it can
 * @see session-log reference, Limits and Regions
 */
export function refusalOf(
  { id, region, billing, builtIn, sessionLog }: GatewayFacts,
  { previewAccess }: AccountFacts,
  overlapping: OverlappingVpc | null,
): SessionLogReport['refusal'] {
  if (sessionLog === 'Enabled') {
    const text = builtIn
      ? `Gateway ${id} is at work when none is named, and its session log is always enabled.`
      : `The session log of gateway ${id} is enabled already.`;
    return { reason: 'enabled', text };
  }
  if (!hasSessionLogs(region)) {
    const ids = REGIONS.map((each) => each.id).join(', ');
    return { reason: 'region', text: `Region ${region} has no session logs: the product has them in ${ids}.` };
  }
  if (billing === 'PayBySpec') {
    const text = `Gateway ${id} is pay-by-specification (PayBySpec), for which session log cannot be enabled: only for pay-by-CU (PayByLcu).`;
    return { reason: 'billing', text };
  }
  if (!previewAccess) {
    const text = 'Session log is in public preview, and the account was not let in to it: turn preview access on.';
    return { reason: 'preview', text };
  }
  if (overlapping !== null) {
    const { gateway, networks } = overlapping;
    const text = `Network ${networks[0]} of gateway ${id} overlaps with ${networks[1]} of gateway ${gateway}, whose session log is enabled: a packet of a capture belongs to the gateway in whose VPC its address is, and could not be told apart.`;
    return { reason: 'overlap', text };
  }
  return null;
}

/** What there is of a destination. */
export interface DestinationState {
  /** Null for a project that is not there. */
  readonly projectRegion: string | null;
  readonly hasLogstore: boolean;
}

/**
 * The delivery status as of now. A call is checked in this order: who asks, then the project, then the Logstore; the name of a
 * destination has the region in it, so that a project of that name in another region is none.
 *
 * @param modifying whether nothing was delivered since the destination was changed
 */
export function deliveryOf(
  region: string,
  { projectRegion, hasLogstore }: DestinationState,
  { serviceLinkedRole }: AccountFacts,
  modifying: boolean,
): { readonly status: DeliveryStatus; readonly code: DeliveryCode | null } {
  if (!serviceLinkedRole) return { status: 'Failed', code: 'InvalidAccessKeyId' };
  if (projectRegion !== region) return { status: 'Failed', code: 'ProjectNotExist' };
  if (!hasLogstore) return { status: 'Failed', code: 'LogStoreNotExist' };
  return { status: modifying ? 'Modifying' : 'Successful', code: null };
}

/** As the vendor's API names a destination; the account is `local`. @see nat-gateway reference §1.4 */
export function destinationArn(region: string, project: string, logstore: string): string {
  return `acs:log:${region}:local:project/${project}/logstore/${logstore}`;
}
