import { expect, test } from 'vitest';
import type { GatewayFacts } from '../../../src-main/contract/gateways';
import { deliveryOf, destinationArn, refusalOf } from '../../../src-main/logstore/session-log';

const GATEWAY: GatewayFacts = {
  ...{ id: 'ngw-a', name: '', region: 'cn-shanghai', vpc: 'vpc-a', networkType: 'internet', billing: 'PayByLcu' },
  ...{
    bindMode: 'MULTI_BINDED',
    addresses: [],
    snatEntries: 1,
    builtIn: false,
    createdMs: 0,
    sessionLog: 'NotEnabled',
  },
};
const LET_IN = { previewAccess: true, serviceLinkedRole: false };

test.each([
  { name: 'one that has what it needs', gateway: {}, reason: undefined },
  { name: 'one that was stopped', gateway: { sessionLog: 'Stopped' }, reason: undefined },
  { name: 'one that is enabled', gateway: { sessionLog: 'Enabled', billing: 'PayBySpec' }, reason: 'enabled' },
  { name: 'the default gateway', gateway: { sessionLog: 'Enabled', builtIn: true }, reason: 'enabled' },
  { name: 'this computer', gateway: { region: 'local' }, reason: undefined },
  { name: 'another region', gateway: { region: 'cn-hangzhou' }, reason: 'region' },
  { name: 'pay-by-specification', gateway: { billing: 'PayBySpec' }, reason: 'billing' },
  { name: 'no preview access', gateway: {}, account: { ...LET_IN, previewAccess: false }, reason: 'preview' },
] as const)('whether a session log can be enabled: $name', ({ gateway, reason, ...rest }) => {
  const account = 'account' in rest ? rest.account : LET_IN;
  expect(refusalOf({ ...GATEWAY, ...gateway }, account, null)?.reason).toBe(reason);
});

test('VPCs that overlap are told by their networks', () => {
  const networks = ['10.0.0.0/8', '10.1.0.0/16'] as const;
  expect(refusalOf(GATEWAY, LET_IN, { gateway: 'ngw-b', networks })?.text).toContain(
    '10.0.0.0/8 of gateway ngw-a overlaps with 10.1.0.0/16 of gateway ngw-b',
  );
});

const THERE = { projectRegion: 'cn-shanghai', hasLogstore: true };
test.each([
  { name: 'all is there', state: THERE, role: true, modifying: false, is: ['Successful', null] },
  { name: 'the destination was changed', state: THERE, role: true, modifying: true, is: ['Modifying', null] },
  {
    name: 'no role',
    state: { ...THERE, projectRegion: null },
    role: false,
    modifying: true,
    is: ['Failed', 'InvalidAccessKeyId'],
  },
  {
    name: 'no project',
    state: { projectRegion: null, hasLogstore: false },
    role: true,
    modifying: false,
    is: ['Failed', 'ProjectNotExist'],
  },
  {
    name: 'a project elsewhere',
    state: { ...THERE, projectRegion: 'local' },
    role: true,
    modifying: false,
    is: ['Failed', 'ProjectNotExist'],
  },
  {
    name: 'no Logstore',
    state: { ...THERE, hasLogstore: false },
    role: true,
    modifying: true,
    is: ['Failed', 'LogStoreNotExist'],
  },
])('delivery status: $name', ({ state, role, modifying, is }) => {
  const { status, code } = deliveryOf(
    'cn-shanghai',
    state,
    { previewAccess: true, serviceLinkedRole: role },
    modifying,
  );
  expect([status, code]).toEqual(is);
});

test('a destination has the region in its name', () => {
  expect(destinationArn('cn-shanghai', 'p', 'l')).toBe('acs:log:cn-shanghai:local:project/p/logstore/l');
});
