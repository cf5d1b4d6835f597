import type { NatTableTotal } from '../contract/nat-table';
import type { Notice } from '../contract/result-batch';
import type { EntrySpan } from '../duckdb/nat-table';
import type { GatewaySpan } from './gateway-spans';
import { formatInstant } from './time-text';

const NANOS_PER_SEC = 1_000_000_000n;

export interface NatTableFacts {
  /** Null for a log without entries. */
  readonly atNs: bigint | null;
  readonly entrySpans: readonly EntrySpan[];
  /** Those that the instant lies in. */
  readonly spans: readonly GatewaySpan[];
  readonly totals: readonly NatTableTotal[];
  /** Live sessions of which no entry tells the port that they have. */
  readonly unplaced: number;
}

/** What must be known of a table of sessions: what is left out of it, and what it cannot tell. */
export function natTableNotices({ atNs, entrySpans, spans, totals, unplaced }: NatTableFacts): Notice[] {
  const unknown = entrySpans.filter((span) => span.unknown > 0);
  const hasKnown = unknown.length < entrySpans.length;
  return [
    ...(unknown.length === 0 ? [] : [unknownNotice(unknown)]),
    ...(hasKnown && spans.length === 0 ? [outsideNotice(entrySpans)] : []),
    ...(unplaced === 0 ? [] : [unplacedNotice(unplaced)]),
    ...sideBySide(totals),
    ...spans.flatMap((span) => gatewayNotices(span, entrySpans, atNs ?? 0n)),
  ];
}

function unknownNotice(spans: readonly EntrySpan[]): Notice {
  const entries = spans.reduce((sum, { unknown }) => sum + unknown, 0);
  const runs = [...new Set(spans.map(({ run }) => run))];
  return {
    kind: 'limited',
    text:
      `${entries} log ${entries === 1 ? 'entry' : 'entries'} of ${importsText(runs)} ${entries === 1 ? 'is' : 'are'} left ` +
      'out: an older version wrote them, which did not keep when ports were free again. Import the captures again.',
  };
}

function unplacedNotice(sessions: number): Notice {
  const [left, their, they] =
    sessions === 1 ? ['1 live session is', 'its', 'it has'] : [`${sessions} live sessions are`, 'their', 'they have'];
  const text = `${left} left out: ${their} port was seen with another session, and no entry tells which one ${they} then.`;
  return { kind: 'limited', text };
}

function outsideNotice(spans: readonly EntrySpan[]): Notice {
  const firstSec = spans.reduce((least, span) => Math.min(least, span.firstSec), Infinity);
  const lastSec = spans.reduce((most, span) => Math.max(most, span.lastSec), -Infinity);
  const text = `No import has packets at that time. The log goes from ${formatInstant(firstSec)} to ${formatInstant(lastSec)}, both inside.`;
  return { kind: 'info', text };
}

/** Gateways that do not know of each other must not be taken for one. */
function sideBySide(totals: readonly NatTableTotal[]): Notice[] {
  const runs = [...new Set(totals.map(({ run }) => run))];
  const split = runs.filter(
    (run) => new Set(totals.filter((each) => each.run === run).map(({ epoch }) => epoch)).size > 1,
  );
  return [
    ...(runs.length < 2
      ? []
      : [
          info(
            `${capital(importsText(runs))} have sessions at that time, each as a gateway of its own: choose one of them.`,
          ),
        ]),
    ...(split.length === 0
      ? []
      : [
          info(
            `The clock of ${importsText(split)} was set back over that time: what was before and after stands side by side.`,
          ),
        ]),
  ];
}

function gatewayNotices({ run, gateway }: GatewaySpan, entrySpans: readonly EntrySpan[], atNs: bigint): Notice[] {
  const { changes, vlanAware, redactDestination } = gateway;
  const hasChanged = changes.some(({ atSec }) => BigInt(Math.floor(atSec)) * NANOS_PER_SEC <= atNs);
  const wasSetBack = entrySpans.some((span) => span.run === run && span.epoch > 0);
  return [
    ...(hasChanged && wasSetBack
      ? [
          info(
            `The gateway of import ${run} was changed, and the clock of its captures was set back: a session that lost its address ` +
              'by the change, and had no packet in that window, may be shown up to its time-out.',
          ),
        ]
      : []),
    ...(redactDestination
      ? [
          info(
            `The destinations of import ${run} were not kept: ports in use are those towards all of them, and a session that a ` +
              'new one of the same five-tuple has ended may be shown beside that.',
          ),
        ]
      : []),
    ...(vlanAware && entrySpans.some((span) => span.run === run && span.withoutRealm > 0)
      ? [
          info(
            `The gateway of import ${run} tells sessions by their VLAN, which entries of an older version do not have: one that a new session of ` +
              'the same five-tuple has ended may be shown beside that.',
          ),
        ]
      : []),
  ];
}

function info(text: string): Notice {
  return { kind: 'info', text };
}

/** Imports by their numbers, as part of a sentence. */
export function importsText(runs: readonly number[]): string {
  return runs.length === 1 ? `import ${runs[0]}` : `imports ${runs.slice(0, -1).join(', ')} and ${runs.at(-1)}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
