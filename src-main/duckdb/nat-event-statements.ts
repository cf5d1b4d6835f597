import type { Reason } from '../contract/ledger';
import { LACK_OF_RESOURCES } from '../contract/log-entry';

/**
 * Events of some runs, as `chosen`: those of which a range has a time between the first packet and the last. No time goes back while events are written, so that `rowid`, which follows the order of writing, tells apart what
 * is of the same nanosecond.
 *
 * $1 run ids, as a JSON array; $2 first and $3 last nanosecond of the range since 1970, both inside; $4 pri_ip or
 * NULL
 */
const CHOSEN = `
  WITH chosen AS (
    SELECT *, rowid AS place
    FROM catalogue.nat_event
    WHERE list_contains(from_json($1::JSON, '["UINTEGER"]'), run_id)
      AND last_ns >= $2::BIGINT AND first_ns <= $3::BIGINT AND ($4::UINTEGER IS NULL OR pri_ip = $4::UINTEGER)
  )`;

/** What is refused for want of a resource, in place of which IPFIX has a flow that ends. */
const IS_LACK = (['no_port', 'cps_limit', 'session_limit', 'host_limit'] satisfies Reason[])
  .map((reason) => `'${reason}'`)
  .join(', ');

/** The whole seconds that nanoseconds are in, as doubles; division rounds towards 1970. */
const secondOf = (nanos: string): string => `(${nanos} // 1000000000 - (${nanos} % 1000000000 < 0)::BIGINT)::DOUBLE`;

export const NAT_EVENT_STATEMENTS = {
  /** $1 run ids, as a JSON array; gives first_sec and last_sec, both inside and NULL without events */
  readSpan: `
    SELECT ${secondOf('min(first_ns)')} AS first_sec, ${secondOf('max(last_ns)')} AS last_sec
    FROM catalogue.nat_event
    WHERE list_contains(from_json($1::JSON, '["UINTEGER"]'), run_id)`,
  /** Parameters of `CHOSEN`. Gives the rows of `NatEventsReport`; window_start ends where nanoseconds do, in the year 2262. */
  readEvents: `
    ${CHOSEN}
    SELECT run_id AS run, event, protocol, pri_ip, pub_ip, pub_port, snat_entry, packets::BIGINT AS packets,
      bytes::BIGINT AS bytes, nat_ip, first_port, last_port,
      least(window_start, 9223372036)::BIGINT * 1000000000 AS window_start_ns, first_ns, last_ns,
      CASE WHEN event IN (${IS_LACK}) THEN ${LACK_OF_RESOURCES} END AS flow_end_reason
    FROM chosen ORDER BY run_id, first_ns, place`,
  /** Parameters of `CHOSEN`; gives event, protocol, events, hosts, packets, bytes by event and protocol, counts as doubles */
  readKinds: `
    ${CHOSEN}
    SELECT event, protocol, count(*)::DOUBLE AS events, count(DISTINCT pri_ip)::DOUBLE AS hosts,
      coalesce(sum(packets), 0)::DOUBLE AS packets, coalesce(sum(bytes), 0)::DOUBLE AS bytes
    FROM chosen GROUP BY event, protocol ORDER BY event, protocol`,
} as const;
