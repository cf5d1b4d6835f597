import { Buffer } from 'node:buffer';
import { Decoder } from '../capture/decoder';
import type { DecoderExports } from '../capture/decoder-exports';
import type { TunnelLayer } from '../contract/imports';
import base64 from '../decoder/index.ts?wasm';
import { addressClasses, type GatewaySides } from '../nat/address-classes';
import type { Gateway } from '../nat/gateway';
import { instantiate } from './wasm-module';

/** Pages of 64 KiB of an instance at its start: the rows, and one capture. */
const INITIAL_PAGES = 32;
/** Room for some 700 captures that are read at the same time. */
const MAX_PAGES = 16_384;

let compiled: WebAssembly.Module | null = null;

/** A decoder with memory of its own. */
export function newDecoder(): Decoder {
  compiled ??= new WebAssembly.Module(Buffer.from(base64, 'base64'));
  // The interface describes the sources of the module, which a test holds against its exports.
  return new Decoder(instantiate(compiled, INITIAL_PAGES, MAX_PAGES) as unknown as DecoderExports);
}

/** A decoder that reads the IP header which a layer stands for, seen from a gateway, as that gateway reads it. */
export function newLayerDecoder(layer: TunnelLayer, gateway: GatewaySides & Pick<Gateway, 'ipChecksums'>): Decoder {
  const decoder = newDecoder();
  if (layer === 'auto') decoder.useTranslatedLayer(addressClasses(gateway));
  else decoder.useLayer(layer);
  if (gateway.ipChecksums) decoder.checkSums();
  return decoder;
}
