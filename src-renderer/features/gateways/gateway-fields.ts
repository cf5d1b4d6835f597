import type { Billing, BindMode, GatewayCalls, NetworkType } from '../../../src-main/contract/gateways';
import { writtenList } from './written-list';

/** A gateway that is to be made, as it is written. */
export interface WrittenGateway {
  readonly name: string;
  readonly region: string;
  readonly vpc: string;
  readonly networkType: NetworkType;
  readonly billing: Billing;
  readonly bindMode: BindMode;
  readonly addresses: string;
}

export const NEW_GATEWAY: Omit<WrittenGateway, 'region' | 'vpc'> = {
  name: '',
  networkType: 'internet',
  billing: 'PayByLcu',
  bindMode: 'MULTI_BINDED',
  addresses: '',
};

/** What the engine is asked to make; what is wrong with it, it says. */
export function gatewayRequest(written: WrittenGateway): GatewayCalls['gateway:create']['request'] {
  const { name, addresses, ...rest } = written;
  const list = writtenList(addresses);
  const isInternet = rest.networkType === 'internet';
  return {
    id: null,
    name: name.trim(),
    ...rest,
    eips: isInternet ? list.map((ipAddress) => ({ ipAddress, privateIpAddress: null })) : [],
    natIps: isInternet ? [] : list,
  };
}
