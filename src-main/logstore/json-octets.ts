export const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_E = 0x65;
const LETTER_U = 0x75;

const LITERALS = ['true', 'false', 'null'].map((word) => Uint8Array.from(word, (letter) => letter.charCodeAt(0)));
const NULL = 2;

/** What may follow a backslash, beside u. @see RFC 8259 §7 */
const ESCAPES: ReadonlySet<number> = new Set(Array.from('"\\/bfnrt', (letter) => letter.charCodeAt(0)));

/**
 * Goes through JSON text in UTF-8 and refuses what is none. Methods move `at` behind what they are named after, and return
 * false where that is not.
 *
 * @see RFC 8259
 */
export class JsonOctets {
  at = 0;
  /** Of the last string. */
  hasEscapes = false;
  /** Whether the last scalar was null. */
  wasNull = false;
  /** Where half of a character is escaped, which keeps its string from being one; -1 for nowhere. */
  halfAt = -1;
  #octets: Uint8Array = new Uint8Array(0);
  #end = 0;
  /** By depth: whether it is an object. */
  #stack = new Uint8Array(64);

  begin(octets: Uint8Array, start: number, end: number): void {
    this.#octets = octets;
    this.at = start;
    this.#end = end;
    this.halfAt = -1;
  }

  /** The same octets lie elsewhere now. */
  moveTo(octets: Uint8Array): void {
    this.#octets = octets;
  }

  /** @returns the octet that comes next; -1 at the end */
  code(): number {
    return this.at < this.#end ? this.#octets[this.at]! : -1;
  }

  take(code: number): boolean {
    if (this.#octets[this.at] !== code || this.at >= this.#end) return false;
    this.at++;
    return true;
  }

  skipSpace(): void {
    // Most logs have none.
    if (this.#octets[this.at]! > 0x20) return;
    for (;;) {
      const code = this.code();
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at++;
    }
  }

  /** Whether nothing but space follows. */
  isAtEnd(): boolean {
    this.skipSpace();
    return this.at === this.#end;
  }

  /** Takes a string that is written just so, without escapes. */
  takeString(text: Uint8Array): boolean {
    const octets = this.#octets;
    const start = this.at + 1;
    const end = start + text.length;
    if (end >= this.#end || octets[this.at] !== QUOTE || octets[end] !== QUOTE) return false;
    for (let index = 0; index < text.length; index++) if (octets[start + index] !== text[index]) return false;
    this.at = end + 1;
    return true;
  }

  /** Halves of characters are none, since UTF-8 does not have them: see `halfAt`. */
  string(): boolean {
    if (this.code() !== QUOTE) return false;
    const octets = this.#octets;
    const end = this.#end;
    let at = this.at + 1;
    let hasEscapes = false;
    for (;;) {
      if (at >= end) return false;
      const code = octets[at]!;
      if (code === QUOTE) break;
      if (code < 0x20) return false;
      if (code !== BACKSLASH) at++;
      else {
        hasEscapes = true;
        const length = this.#escapeLength(at);
        if (length === 0) return false;
        at += length;
      }
    }
    this.hasEscapes = hasEscapes;
    this.at = at + 1;
    return true;
  }

  /** A string, a number, true, false or null. */
  scalar(): boolean {
    const code = this.code();
    this.wasNull = false;
    if (code === MINUS || (code >= ZERO && code <= NINE)) return this.#number();
    return code === QUOTE ? this.string() : this.#literal(code);
  }

  /** An object or a list, however deep. */
  nested(): boolean {
    let depth = 0;
    for (;;) {
      const code = this.code();
      if (code === OPEN_BRACE || code === OPEN_BRACKET) {
        this.at++;
        this.#push(depth++, code === OPEN_BRACE);
        this.skipSpace();
        if (!this.take(code === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET)) {
          if (code === OPEN_BRACE && !this.#key()) return false;
          continue;
        }
        depth--;
      } else if (!this.scalar()) return false;
      // Behind a value: what closes, and the beginning of the next.
      for (;;) {
        if (depth === 0) return true;
        const isObject = this.#stack[depth - 1] === 1;
        this.skipSpace();
        if (this.take(isObject ? CLOSE_BRACE : CLOSE_BRACKET)) depth--;
        else if (!this.take(COMMA)) return false;
        else {
          this.skipSpace();
          if (isObject && !this.#key()) return false;
          break;
        }
      }
    }
  }

  #key(): boolean {
    if (!this.string()) return false;
    this.skipSpace();
    if (!this.take(COLON)) return false;
    this.skipSpace();
    return true;
  }

  #push(depth: number, isObject: boolean): void {
    if (depth === this.#stack.length) {
      const twice = new Uint8Array(depth * 2);
      twice.set(this.#stack);
      this.#stack = twice;
    }
    this.#stack[depth] = isObject ? 1 : 0;
  }

  #number(): boolean {
    const octets = this.#octets;
    if (octets[this.at] === MINUS) this.at++;
    if (octets[this.at] === ZERO && this.at < this.#end) this.at++;
    else if (!this.#digits()) return false;
    const code = this.code();
    // A whole number, as most are, ends here.
    if (code === COMMA || code === CLOSE_BRACE) return true;
    if (code === POINT) {
      this.at++;
      if (!this.#digits()) return false;
    }
    if ((this.code() | 0x20) !== LETTER_E) return true;
    this.at++;
    if (!this.take(PLUS)) this.take(MINUS);
    return this.#digits();
  }

  #digits(): boolean {
    const octets = this.#octets;
    const end = this.#end;
    const start = this.at;
    let at = start;
    while (at < end && octets[at]! >= ZERO && octets[at]! <= NINE) at++;
    this.at = at;
    return at > start;
  }

  #literal(code: number): boolean {
    const literal = LITERALS.findIndex((word) => word[0] === code);
    this.wasNull = literal === NULL;
    if (literal === -1) return false;
    for (const letter of LITERALS[literal]!) if (!this.take(letter)) return false;
    return true;
  }

  /** @returns 0 for none */
  #escapeLength(at: number): number {
    const octets = this.#octets;
    if (at + 1 >= this.#end) return 0;
    if (octets[at + 1] !== LETTER_U) return ESCAPES.has(octets[at + 1]!) ? 2 : 0;
    const unit = this.#unitAt(at);
    if (isHighHalf(unit) && isLowHalf(this.#unitAt(at + 6))) return 12;
    if (!isHighHalf(unit) && !isLowHalf(unit)) return unit === -1 ? 0 : 6;
    this.halfAt = at;
    return 0;
  }

  /** @returns what an escape of four digits stands for; -1 for none */
  #unitAt(at: number): number {
    const octets = this.#octets;
    if (at + 6 > this.#end || octets[at] !== BACKSLASH || octets[at + 1] !== LETTER_U) return -1;
    for (let digit = at + 2; digit < at + 6; digit++) if (!isHexDigit(octets[digit]!)) return -1;
    return hexAt(octets, at + 2);
  }
}

/** Of a character that UTF-16 has in two units. */
export const isHighHalf = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
export const isLowHalf = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/** Of four digits that are known to be there. */
export function hexAt(octets: Uint8Array, at: number): number {
  let value = 0;
  for (let digit = at; digit < at + 4; digit++) {
    const code = octets[digit]!;
    value = value * 16 + (code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57);
  }
  return value;
}

function isHexDigit(code: number): boolean {
  if (code >= ZERO && code <= NINE) return true;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66;
}
