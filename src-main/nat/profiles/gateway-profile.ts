import type { GatewayProfile } from '../gateway';
import type { ProfileName, ProfileValues } from './index';

/**
 * How sessions are recorded, which is the session log's matter and the same whatever the gateway is.
 * @see nat-gateway reference §6
 */
export const RECORDING = {
  windowSec: 600,
  windowPhase: 'epoch',
  timeModel: 'packet',
  latePolicy: 'revise',
  jumpSec: 60,
  vlanAware: false,
  ipChecksums: false,
  dedupe: false,
  countUnpaired: false,
  redactDestination: false,
} as const satisfies Partial<GatewayProfile>;
export type Recording = Pick<GatewayProfile, keyof typeof RECORDING | 'extraBytes'>;

/** The part of a gateway that follows from a profile, with what was changed in it. */
export function gatewayProfile(profile: ProfileName, values: ProfileValues, recording: Recording): GatewayProfile {
  return {
    profile,
    timeouts: {
      tcpOpening: values['timeoutsSec.tcpOpening'],
      tcpSynReceived: values['timeoutsSec.tcpSynReceived'],
      tcpEstablished: values['timeoutsSec.tcpEstablished'],
      tcpFinFromVpc: values['timeoutsSec.tcpFinFromVpc'],
      tcpFinFromPub: values['timeoutsSec.tcpFinFromPub'],
      tcpClosing: values['timeoutsSec.tcpClosing'],
      tcpReset: values['timeoutsSec.tcpReset'],
      udp: values['timeoutsSec.udp'],
      udpReplied: values['timeoutsSec.udpReplied'],
      icmp: values['timeoutsSec.icmp'],
    },
    portMin: values.portMin,
    portMax: values.portMax,
    maxPerEipPerDestination: values.maxPerEipPerDestination,
    portPolicy: values.portPolicy,
    portBlockSize: values.portBlockSize,
    maxBlocksPerHost: values.maxBlocksPerHost,
    portHold: {
      tcp: values['portHoldSec.tcp'],
      udp: values['portHoldSec.udp'],
      icmp: values['portHoldSec.icmp'],
    },
    mapping: values.mapping,
    filtering: values.filtering,
    limits: {
      maxSessions: values['limits.maxSessions'],
      maxNewPerSec: values['limits.maxNewPerSec'],
      maxPortsPerHost: values['limits.maxPortsPerHost'],
      maxNewPerSecPerHost: values['limits.maxNewPerSecPerHost'],
    },
    ...(values.otherProtocols === 'translate' ? { otherProtocols: values.otherProtocols } : {}),
    midstream: values.midstream,
    onIdleExpiry: values.onIdleExpiry,
    udpInboundRefresh: values.udpInboundRefresh,
    icmpReply: values.icmpReplyEnabled,
    ...recording,
  };
}
