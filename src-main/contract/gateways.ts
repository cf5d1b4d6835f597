import type { DeliveryCode, DeliveryStatus } from './delivery';
import type { LogstoreName } from './logstore';

/**
 * The gateway console: regions, VPCs, gateways, the simulated account, and where session logs go.
 * @see the product page "NAT Gateway: session log"; nat-gateway reference §1.3 to §1.7
 */

/** The areas of the product page, in its order; and this computer, which is ours. */
export const REGION_AREAS = ['chineseMainland', 'asiaPacific', 'europeAmericas', 'local'] as const;
export type RegionArea = (typeof REGION_AREAS)[number];

/** A region in which session logs can be enabled. */
export interface RegionFacts {
  /** The vendor's id, such as `cn-shanghai`; `local` is this computer, which the product does not have. */
  readonly id: string;
  readonly area: RegionArea;
  /** As the page prints it. */
  readonly name: string;
  readonly closingDown: boolean;
}

export interface VSwitchFacts {
  readonly id: string;
  readonly name: string;
  /** As it was written; may be empty. */
  readonly zone: string;
  readonly cidrBlock: string;
}

export interface VpcFacts {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly cidrBlock: string;
  readonly secondaryCidrBlocks: readonly string[];
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  readonly vSwitches: readonly VSwitchFacts[];
  /** Ids of the gateways in it. */
  readonly gateways: readonly string[];
}

/** internet: an Internet NAT gateway, with EIPs; intranet: a VPC NAT gateway, with NAT IPs. */
export const NETWORK_TYPES = ['internet', 'intranet'] as const;
export type NetworkType = (typeof NETWORK_TYPES)[number];
/** Pay-by-CU, and pay-by-specification, which has no session logs. */
export const BILLINGS = ['PayByLcu', 'PayBySpec'] as const;
export type Billing = (typeof BILLINGS)[number];
/** Of Internet NAT gateways: whether `nat_ip` is the EIP (MULTI_BINDED) or the private address that it is bound to. */
export const BIND_MODES = ['MULTI_BINDED', 'NAT'] as const;
export type BindMode = (typeof BIND_MODES)[number];

/** The gateway that is at work when none is named: always there, not stored, and not to be changed. */
export const BUILT_IN_GATEWAY = 'ngw-default';

export const SESSION_LOG_STATUSES = ['NotEnabled', 'Enabled', 'Stopped'] as const;
export type SessionLogStatus = (typeof SESSION_LOG_STATUSES)[number];

export interface GatewayFacts {
  readonly id: string;
  /** May be empty. */
  readonly name: string;
  readonly region: string;
  readonly vpc: string;
  readonly networkType: NetworkType;
  readonly billing: Billing;
  readonly bindMode: BindMode;
  /** EIPs, or NAT IPs of a VPC NAT gateway. */
  readonly addresses: readonly GatewayAddressFacts[];
  readonly snatEntries: number;
  readonly builtIn: boolean;
  /** Milliseconds since 1970; null of the built-in one. */
  readonly createdMs: number | null;
  readonly sessionLog: SessionLogStatus;
}

export interface GatewayAddressFacts {
  readonly ipAddress: string;
  /** Address of a vSwitch that an EIP is bound to in bind mode NAT; null otherwise. */
  readonly privateIpAddress: string | null;
}

export type SnatScope = 'vpc' | 'vSwitch' | 'host' | 'cidr';

export interface SnatEntryFacts {
  readonly id: string;
  readonly scope: SnatScope;
  /** Id of the vSwitch; address of the host; the network; id of the VPC. */
  readonly source: string;
  /** Null for all of the gateway that no DNAT IP mapping owns. */
  readonly addresses: readonly string[] | null;
  /** A host always has the same address of the pool. */
  readonly eipAffinity: boolean;
}

/** How many there may be of something in one gateway. */
export interface GatewayQuota {
  readonly counts: 'eips' | 'natIps' | 'snatEntries' | 'dnatIpMappings';
  readonly there: number;
  readonly most: number;
}

/** All that is known of a gateway. */
export interface GatewayReport {
  readonly gateway: GatewayFacts;
  /** Null of the built-in one. */
  readonly vpc: VpcFacts | null;
  readonly entries: readonly SnatEntryFacts[];
  /** Whether nobody made `entries`: the VPC is translated as long as a gateway has no SNAT entry of its own. */
  readonly hasDefaultEntries: boolean;
  readonly quotas: readonly GatewayQuota[];
  /** What is allowed, and worth knowing: whole sentences. */
  readonly warnings: readonly string[];
  /** The gateway file, whole: what `import:run` takes as `gateway`, and `gateway:update` as `config`. */
  readonly config: Readonly<Record<string, unknown>>;
}

/** Whom an SNAT entry translates. */
export type SnatSource =
  | { readonly scope: 'vpc' }
  | { readonly scope: 'vSwitch'; readonly vSwitch: string }
  | { readonly scope: 'host'; readonly ipAddress: string }
  | { readonly scope: 'cidr'; readonly cidrBlock: string };

/** The simulated account. */
export interface AccountFacts {
  /** Whether `SERVICE_LINKED_ROLE` is there, without which nothing is delivered. */
  readonly serviceLinkedRole: boolean;
  /** Whether the account was let in to the public preview, which enabling needs. */
  readonly previewAccess: boolean;
}
export const SERVICE_LINKED_ROLE = 'AliyunServiceRolePolicyForNatgwLogDelivery';

/** One that is there, or one that is to be made. */
export interface DestinationChoice {
  readonly mode: 'select' | 'create';
  readonly name: string;
}

export interface DestinationRequest {
  readonly gateway: string;
  readonly project: DestinationChoice;
  /** `create` makes one of the schema `session_log`. */
  readonly logstore: DestinationChoice;
}

/** Why a session log cannot be enabled for a gateway, whatever its destination. */
export const SESSION_LOG_REFUSALS = ['enabled', 'region', 'billing', 'preview', 'overlap'] as const;
export type SessionLogRefusal = (typeof SESSION_LOG_REFUSALS)[number];

export interface MissingEntries {
  /** All that were sealed in these imports, and those of them that are not in the Logstore. */
  readonly sealed: number;
  readonly entries: number;
  readonly imports: number;
  readonly lastRun: number;
}

/** The session log of a gateway, as the tab *Session Log* shows it: the state of the catalogue as it is now. */
export interface SessionLogReport {
  readonly gateway: string;
  readonly gatewayName: string;
  readonly region: string;
  readonly builtIn: boolean;
  readonly status: SessionLogStatus;
  /** Null unless enabled. `Modifying` holds from a change of the destination to the next delivery. */
  readonly delivery: { readonly status: DeliveryStatus; readonly code: DeliveryCode | null } | null;
  readonly deliveryType: 'sls';
  /** Also of a stopped one, whose entries stay; null for one that was never enabled. */
  readonly destination:
    | (LogstoreName & {
        /** Whether the Logstore, and so its project, is there. */
        readonly exists: boolean;
        /** As in `acs:log:cn-shanghai:local:project/p/logstore/l`. */
        readonly arn: string;
      })
    | null;
  /** Null without a Logstore. Where `exists` is false, entries cannot be searched until an index is created. */
  readonly index: { readonly exists: boolean; readonly fields: number } | null;
  /**
   * Of its imports into that Logstore, those of which entries are not in it; null where all are. `delivery` says nothing of
   * that: entries may be lost on the way to a destination that is as it should be.
   */
  readonly missing: MissingEntries | null;
  /** Milliseconds since 1970; null for one that was never enabled, and of the built-in one. */
  readonly enabledMs: number | null;
  /** Null unless stopped. */
  readonly stoppedMs: number | null;
  /** Why it cannot be enabled now, with a whole sentence; null when it can. */
  readonly refusal: { readonly reason: SessionLogRefusal; readonly text: string } | null;
}

/** What was made for it. */
export interface EnabledSessionLog extends SessionLogReport {
  readonly created: { readonly project: boolean; readonly logstore: boolean; readonly role: boolean };
}

interface GatewayName {
  readonly gateway: string;
}
type Nothing = Record<string, never>;

/** Part of `Calls`. Those that are given no id make one as the vendor's look. */
export interface GatewayCalls {
  'region:list': { request: Nothing; reply: { readonly regions: readonly RegionFacts[] } };
  'vpc:list': { request: Nothing; reply: { readonly vpcs: readonly VpcFacts[] } };
  'vpc:create': {
    request: {
      readonly id: string | null;
      readonly name: string;
      readonly region: string;
      readonly cidrBlock: string;
      readonly secondaryCidrBlocks: readonly string[];
    };
    reply: VpcFacts;
  };
  /** Refused while there are gateways or vSwitches in it. */
  'vpc:delete': { request: { readonly vpc: string }; reply: null };
  'vswitch:create': {
    request: {
      readonly id: string | null;
      readonly vpc: string;
      readonly name: string;
      readonly zone: string;
      readonly cidrBlock: string;
    };
    /** Its id, and the VPC with it. */
    reply: { readonly vSwitch: string; readonly vpc: VpcFacts };
  };
  /** Refused while a gateway needs it. The reply is the VPC without it. */
  'vswitch:delete': { request: { readonly vSwitch: string }; reply: VpcFacts };
  /** The built-in one first, the others by name and id. */
  'gateway:list': { request: Nothing; reply: { readonly gateways: readonly GatewayFacts[] } };
  'gateway:read': { request: GatewayName; reply: GatewayReport };
  'gateway:create': {
    request: {
      readonly id: string | null;
      readonly name: string;
      readonly region: string;
      /** One of the region. */
      readonly vpc: string;
      readonly networkType: NetworkType;
      readonly billing: Billing;
      /** Of an Internet NAT gateway. */
      readonly bindMode: BindMode;
      /** Of an Internet NAT gateway, at least one; without `privateIpAddress`, bind mode NAT takes a free one of a vSwitch. */
      readonly eips: readonly GatewayAddressFacts[];
      /** Of a VPC NAT gateway, at least one. */
      readonly natIps: readonly string[];
    };
    reply: GatewayReport;
  };
  /** Takes the place of the whole file but for id, region, VPC and network type, which stay: they may be left out. */
  'gateway:update': {
    request: GatewayName & { readonly config: Readonly<Record<string, unknown>> };
    reply: GatewayReport;
  };
  /** Refused while its session log is enabled. */
  'gateway:delete': { request: GatewayName; reply: null };
  /** An EIP, or a NAT IP of a VPC NAT gateway. */
  'eip:add': { request: GatewayName & GatewayAddressFacts; reply: GatewayReport };
  'eip:remove': { request: GatewayName & { readonly ipAddress: string }; reply: GatewayReport };
  'snat:create': {
    request: GatewayName & {
      readonly id: string | null;
      readonly source: SnatSource;
      /** EIPs or NAT IPs of the gateway; empty for all. */
      readonly addresses: readonly string[];
      /** Null as the gateway has it. */
      readonly eipAffinity: boolean | null;
    };
    reply: GatewayReport;
  };
  'snat:delete': { request: GatewayName & { readonly snatEntry: string }; reply: GatewayReport };
  'account:read': { request: Nothing; reply: AccountFacts };
  /** Null leaves a switch as it is. */
  'account:update': {
    request: { readonly [K in keyof AccountFacts]: AccountFacts[K] | null };
    reply: AccountFacts;
  };
  /** Of all gateways, in the order of `gateway:list`. */
  'session-log:list': { request: Nothing; reply: { readonly sessionLogs: readonly SessionLogReport[] } };
  'session-log:read': { request: GatewayName; reply: SessionLogReport };
  /** Also enables a stopped one again. Creates the service-linked role if it is missing. */
  'session-log:enable': { request: DestinationRequest; reply: EnabledSessionLog };
  /** Sends what is delivered from now on to another Logstore. */
  'session-log:change': { request: DestinationRequest; reply: EnabledSessionLog };
  /** Delivered entries stay. */
  'session-log:stop': { request: GatewayName; reply: SessionLogReport };
}

export const GATEWAY_CALLS = [
  'region:list',
  'vpc:list',
  'vpc:create',
  'vpc:delete',
  'vswitch:create',
  'vswitch:delete',
  'gateway:list',
  'gateway:read',
  'gateway:create',
  'gateway:update',
  'gateway:delete',
  'eip:add',
  'eip:remove',
  'snat:create',
  'snat:delete',
  'account:read',
  'account:update',
  'session-log:list',
  'session-log:read',
  'session-log:enable',
  'session-log:change',
  'session-log:stop',
] as const satisfies readonly (keyof GatewayCalls)[];
