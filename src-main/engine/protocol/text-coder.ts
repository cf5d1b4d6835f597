import type { TextCoder } from '../../contract/frame-codec';

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

export const textCoder: TextCoder = {
  encode: (text) => encoder.encode(text),
  decode: (bytes) => decoder.decode(bytes),
};
