import { expect, test } from 'vitest';
import { parseAppArguments } from '../../../src-main/app/app-arguments';

test.each([
  { name: 'nothing', args: [], captures: [], workspace: null },
  { name: 'only the folder of the app', args: ['/app'], captures: [], workspace: null },
  { name: 'the folder as a relative path', args: ['../app'], captures: [], workspace: null },
  {
    name: 'what the launcher gives',
    args: ['/app', '--workspace=/data/w', '--', '/a.pcap', '-b.pcap'],
    captures: ['/a.pcap', '/user/-b.pcap'],
    workspace: '/data/w',
  },
  {
    name: 'captures of a packaged app',
    args: ['a.pcap', '/b.pcap'],
    captures: ['/user/a.pcap', '/b.pcap'],
    workspace: null,
  },
  {
    name: 'addresses of files, which file managers give',
    args: ['file:///data/my%20capture%20%C3%A9.pcap', 'FILE:///b.pcap', 'file://localhost/c.pcap'],
    captures: ['/data/my capture é.pcap', '/b.pcap', '/c.pcap'],
    workspace: null,
  },
  {
    name: 'addresses that lead to no file of this computer',
    args: ['file://elsewhere/a.pcap', 'file:///a%2Fb.pcap', 'file:///%E0%A4%A'],
    captures: ['/user/file:/elsewhere/a.pcap', '/user/file:/a%2Fb.pcap', '/user/file:/%E0%A4%A'],
    workspace: null,
  },
  {
    name: 'a path behind the end of switches as it is',
    args: ['--', 'file:///a.pcap'],
    captures: ['/user/file:/a.pcap'],
    workspace: null,
  },
  {
    name: 'switches of Chromium and debuggers',
    args: ['--inspect=0', '--remote-debugging-port=0', '/app', '--no-sandbox', '-psn_0_1', 'a.pcap'],
    captures: ['/user/a.pcap'],
    workspace: null,
  },
  { name: 'a workspace without a folder', args: ['/app', '--workspace='], captures: [], workspace: null },
  { name: 'a relative workspace', args: ['/app', '--workspace=w'], captures: [], workspace: '/user/w' },
  {
    name: 'two workspaces, of which the last counts',
    args: ['--workspace=/a', '--workspace=/b'],
    captures: [],
    workspace: '/b',
  },
  {
    name: 'a switch behind the end of switches',
    args: ['--', '--workspace=x'],
    captures: ['/user/--workspace=x'],
    workspace: null,
  },
  { name: 'empty arguments', args: ['', '--', ''], captures: [], workspace: null },
])('reads $name', ({ args, captures, workspace }) => {
  expect(parseAppArguments(args, '/user', '/app')).toEqual({ captures, workspace });
});
