import * as z from 'zod/mini';
import { BILLINGS, BIND_MODES, NETWORK_TYPES, type GatewayCalls } from '../contract/gateways';
import { MAX_EIPS, MAX_INSIDE_NETWORKS } from '../nat/gateway';

const name = z.string().check(z.minLength(1), z.maxLength(128));
/** For people only. */
const shownName = z.string().check(z.maxLength(128));
const id = z.nullable(name);
const address = z.string().check(z.maxLength(128));
const gateway = z.strictObject({ gateway: name });
const nothing = z.strictObject({});
const eip = { ipAddress: address, privateIpAddress: z.nullable(address) };
const addresses = z.array(address).check(z.maxLength(MAX_EIPS));
const choice = z.strictObject({ mode: z.enum(['select', 'create']), name });
const destination = z.strictObject({ gateway: name, project: choice, logstore: choice });
const source = z.discriminatedUnion('scope', [
  z.strictObject({ scope: z.literal('vpc') }),
  z.strictObject({ scope: z.literal('vSwitch'), vSwitch: name }),
  z.strictObject({ scope: z.literal('host'), ipAddress: address }),
  z.strictObject({ scope: z.literal('cidr'), cidrBlock: address }),
]);

/** The shapes of the requests of the console. */
export const GATEWAY_REQUESTS: { readonly [K in keyof GatewayCalls]: z.ZodMiniType<GatewayCalls[K]['request']> } = {
  'region:list': nothing,
  'vpc:list': nothing,
  'vpc:create': z.strictObject({
    id,
    name: shownName,
    region: name,
    cidrBlock: address,
    secondaryCidrBlocks: z.array(address).check(z.maxLength(MAX_INSIDE_NETWORKS)),
  }),
  'vpc:delete': z.strictObject({ vpc: name }),
  'vswitch:create': z.strictObject({ id, vpc: name, name: shownName, zone: shownName, cidrBlock: address }),
  'vswitch:delete': z.strictObject({ vSwitch: name }),
  'gateway:list': nothing,
  'gateway:read': gateway,
  'gateway:create': z.strictObject({
    id,
    name: shownName,
    region: name,
    vpc: name,
    networkType: z.enum(NETWORK_TYPES),
    billing: z.enum(BILLINGS),
    bindMode: z.enum(BIND_MODES),
    eips: z.array(z.strictObject(eip)).check(z.maxLength(MAX_EIPS)),
    natIps: addresses,
  }),
  'gateway:update': z.strictObject({ gateway: name, config: z.record(z.string(), z.unknown()) }),
  'gateway:delete': gateway,
  'eip:add': z.strictObject({ gateway: name, ...eip }),
  'eip:remove': z.strictObject({ gateway: name, ipAddress: address }),
  'snat:create': z.strictObject({ gateway: name, id, source, addresses, eipAffinity: z.nullable(z.boolean()) }),
  'snat:delete': z.strictObject({ gateway: name, snatEntry: name }),
  'account:read': nothing,
  'account:update': z.strictObject({
    serviceLinkedRole: z.nullable(z.boolean()),
    previewAccess: z.nullable(z.boolean()),
  }),
  'session-log:list': nothing,
  'session-log:read': gateway,
  'session-log:enable': destination,
  'session-log:change': destination,
  'session-log:stop': gateway,
};
