/** Where all comes from that a gateway's configuration leaves out; see `nat/profiles`. */
export const GATEWAY_PROFILES = ['alibaba', 'rfc', 'linux', 'aws', 'gcp', 'azure'] as const;

/**
 * How the port of a session is chosen, from the free ones towards its destination:
 * - `random`: starts at one that follows from seed, five-tuple and second, see RFC 6056 §3.3;
 * - `sequential`: the lowest;
 * - `preserve`: the host's own, else the next one of the same class, see RFC 4787 REQ-3a;
 * - `linux`: as netfilter does, see nat-gateway reference §2.3;
 * - `deterministic`: within the block that follows from the host's address, see RFC 7422;
 * - `blocks`: within blocks that a host is given on demand.
 */
export const PORT_POLICIES = ['random', 'sequential', 'preserve', 'linux', 'deterministic', 'blocks'] as const;

/** What becomes of protocols other than TCP, UDP and ICMP; see `Gateway.otherProtocols`. */
export const OTHER_PROTOCOLS = ['drop', 'translate'] as const;

/** Where windows begin; see `Gateway.windowPhase`, which may be seconds as well. */
export const WINDOW_PHASES = ['epoch', 'perGateway', 'captureStart', 'session'] as const;
