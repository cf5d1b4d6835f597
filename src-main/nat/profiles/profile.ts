import type { Gateway, PortHold, SessionLimits, SessionTimeouts } from '../gateway';
import type { OTHER_PROTOCOLS } from '../../contract/gateway-words';
import type { SourceId } from './sources';

type OwnFields = Pick<
  Gateway,
  | 'portMin'
  | 'portMax'
  | 'maxPerEipPerDestination'
  | 'portPolicy'
  | 'portBlockSize'
  | 'maxBlocksPerHost'
  | 'mapping'
  | 'filtering'
  | 'midstream'
  | 'onIdleExpiry'
  | 'udpInboundRefresh'
>;

type Under<Group extends string, T> = { readonly [K in keyof T & string as `${Group}.${K}`]: T[K] };

/** What a profile decides, by the path that a configuration has for it. Times are in seconds. */
export type ProfileValues = OwnFields &
  Under<'timeoutsSec', SessionTimeouts> &
  Under<'portHoldSec', PortHold> &
  Under<'limits', SessionLimits> & {
    /** What becomes of other protocols than TCP, UDP and ICMP. */
    readonly otherProtocols: (typeof OTHER_PROTOCOLS)[number];
    /** Whether the gateway answers echo requests to its addresses. */
    readonly icmpReplyEnabled: boolean;
    /** Of SNAT entries that do not say. */
    readonly eipAffinity: boolean;
  };
export type ProfileField = keyof ProfileValues;

/** A value, and where it is written, or why it was chosen where nobody has written it. */
export type Setting<T> =
  { readonly value: T; readonly source: SourceId } | { readonly value: T; readonly assumed: string };

export const documented = <T>(value: T, source: SourceId): Setting<T> => ({ value, source });
export const assumed = <T>(value: T, why: string): Setting<T> => ({ value, assumed: why });

export type Settings = { readonly [F in ProfileField]: Setting<ProfileValues[F]> };

/** How many of something an account is given before it asks for more. */
export interface Quota {
  readonly what: string;
  readonly counts: 'eips' | 'natIps' | 'snatEntries' | 'dnatIpMappings';
  /** The bind mode that it holds for; null for all. */
  readonly bindMode: Gateway['bindMode'] | null;
  readonly most: number;
  readonly source: SourceId;
}

/** How one kind of gateway behaves, as far as somebody has written it down. */
export interface ProfileData {
  readonly title: string;
  /** When its sources were looked at, year and month. */
  readonly asOf: string;
  /** What is missing is that of `alibaba`. */
  readonly settings: Partial<Settings>;
  readonly quotas: readonly Quota[];
  /** What such a gateway does that is not emulated: whole sentences. */
  readonly notes: readonly string[];
}
