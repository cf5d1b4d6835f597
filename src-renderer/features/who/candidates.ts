import type { AttributedHost, AttributedSession, Attribution } from '../../../src-main/contract/attribution';

/** One session that had the endpoint, and whose it was. */
export interface Candidate {
  readonly host: AttributedHost;
  readonly session: AttributedSession;
}

/** @returns the sessions of all hosts, the likeliest first */
export function candidatesOf({ hosts }: Attribution): readonly Candidate[] {
  return hosts.flatMap((host) => host.sessions.map((session) => ({ host, session })));
}

/**
 * What finds the entries of the session in its Logstore.
 *
 * @param natPort the port that was asked for
 */
export function searchOf({ host, session }: Candidate, natPort: number): string {
  const { protocol, port, destination, natAddress } = session;
  return [
    `nat_ip:${natAddress}`,
    `nat_port=${natPort}`,
    ...(host.address === null ? [] : [`pri_ip:${host.address}`]),
    ...(port === null ? [] : [`pri_port=${port}`]),
    ...(destination === null ? [] : [`pub_ip:${destination.address}`, `pub_port=${destination.port}`]),
    `protocol=${protocol}`,
  ].join(' and ');
}
