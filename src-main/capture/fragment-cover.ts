/** Parts of a packet that are remembered behind its first gap; 45 fragments of 1,500 octets fill the largest packet. */
const MAX_PARTS = 64;

/** Octets of a packet, half-open. */
interface Part {
  readonly start: number;
  readonly end: number;
}

/**
 * Which octets of packets their fragments have brought, by places, so that those are found that bring some again.
 * Fragments that come in order take two numbers a packet. Of a packet with more than 64 gaps, what comes behind another one is
 * not compared.
 *
 * @see nat-gateway reference §7 scenario 51
 */
export class FragmentCover {
  /** Octets from the beginning of the packet without a gap. */
  readonly #covered: Uint32Array;
  /** Where the packet ends, by its last fragment; 0 as long as that has not come. */
  readonly #packetEnd: Uint32Array;
  readonly #parts = new Map<number, readonly Part[]>();

  constructor(capacity: number) {
    this.#covered = new Uint32Array(capacity);
    this.#packetEnd = new Uint32Array(capacity);
  }

  /** Forgets what is known at the place. */
  clear(place: number): void {
    this.#covered[place] = 0;
    this.#packetEnd[place] = 0;
    this.#parts.delete(place);
  }

  /** The packet has another place now. */
  move(from: number, to: number): void {
    if (from === to) return;
    this.#covered[to] = this.#covered[from]!;
    this.#packetEnd[to] = this.#packetEnd[from]!;
    const parts = this.#parts.get(from);
    if (parts === undefined) this.#parts.delete(to);
    else this.#parts.set(to, parts);
    this.clear(from);
  }

  /** Every octet of the packet has come. */
  isWhole(place: number): boolean {
    const packetEnd = this.#packetEnd[place]!;
    return packetEnd > 0 && this.#covered[place]! >= packetEnd;
  }

  /** @param span see `PacketBatch`. @returns true when the fragment brings octets that another one has brought */
  add(place: number, span: number): boolean {
    const { start, end, isLast } = fragmentOf(span);
    if (isLast) this.#packetEnd[place] = Math.max(this.#packetEnd[place]!, end);
    if (end === start) return false;
    const covered = this.#covered[place]!;
    const parts = this.#parts.get(place) ?? [];
    const isAgain = start < covered || parts.some((part) => part.start < end && start < part.end);
    if (start > covered) {
      if (parts.length < MAX_PARTS) this.#parts.set(place, joined(parts, { start, end }));
      return isAgain;
    }
    this.#covered[place] = Math.max(covered, end);
    if (parts.length > 0) this.#takeReached(place, parts);
    return isAgain;
  }

  /** Parts to which there is no gap any more. */
  #takeReached(place: number, parts: readonly Part[]): void {
    // No two of them touch, so that one at most goes beyond.
    const reached = parts.filter(({ start }) => start <= this.#covered[place]!);
    for (const { end } of reached) this.#covered[place] = Math.max(this.#covered[place]!, end);
    const left = parts.filter((part) => !reached.includes(part));
    if (left.length === 0) this.#parts.delete(place);
    else this.#parts.set(place, left);
  }
}

function joined(parts: readonly Part[], { start, end }: Part): readonly Part[] {
  const touches = (part: Part): boolean => part.start <= end && start <= part.end;
  const touching = parts.filter(touches);
  return [
    ...parts.filter((part) => !touches(part)),
    {
      start: Math.min(start, ...touching.map((part) => part.start)),
      end: Math.max(end, ...touching.map((part) => part.end)),
    },
  ];
}

function fragmentOf(span: number): Part & { readonly isLast: boolean } {
  return { start: (span >>> 18) * 8, end: span & 0x1ffff, isLast: (span & 0x20000) === 0 };
}
