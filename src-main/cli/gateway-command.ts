import type { Context } from './context';
import { EXIT, type ExitCode } from './exit-code';
import { readGatewayFile } from './gateway-file';
import { gatewayJson, profilesJson } from './gateway-json';
import { gatewayText, profilesText } from './gateway-text';

export interface GatewayOptions {
  readonly json: boolean;
}

/** @throws AppError GATEWAY_UNREADABLE, GATEWAY_INVALID; ReaderGone */
export async function runGatewayCheck(context: Context, path: string, { json }: GatewayOptions): Promise<ExitCode> {
  const { io, out } = context;
  const configured = readGatewayFile(context, path);
  await out.write(json ? gatewayJson(configured) : gatewayText(configured, io.columns));
  return EXIT.done;
}

/** @throws ReaderGone */
export async function runGatewayProfiles({ io, out }: Context, { json }: GatewayOptions): Promise<ExitCode> {
  await out.write(json ? profilesJson() : profilesText(io.columns));
  return EXIT.done;
}
