// What electron-builder makes of the built app: `npm run package`. Nothing is signed, and nothing is uploaded.
import { BUNDLED } from './bundled-packages.mjs';

/** Endings of captures, as file managers know them; what a file is, its content decides. `pcap0` is of tcpdump's rotation. */
const CAPTURE_ENDINGS = ['pcap', 'pcapng', 'cap', 'dmp', 'pcap0', 'snoop', 'erf'];

/**
 * Packed captures are of other programs: Natscope is offered for them where the system has a list to choose from, and takes
 * them from nobody. Windows knows no such thing for an ending without taking it over, so there they are opened by the app's dialog.
 */
const PACKED = [
  { ext: 'gz', mimeType: 'application/gzip' },
  { ext: 'zst', mimeType: 'application/zstd' },
  { ext: 'lz4', mimeType: 'application/x-lz4' },
  { ext: 'xz', mimeType: 'application/x-xz' },
];

/** @type {import('electron-builder').Configuration} */
const config = {
  appId: 'io.natscope.app',
  productName: 'Natscope',
  copyright: 'The authors of Natscope, Apache-2.0',
  directories: { output: 'dist', buildResources: 'resources' },
  files: [
    ...[
      'out/main',
      '!out/main/cli.{cjs,code}',
      'out/preload',
      'out/renderer',
      'resources',
      '!resources/docs',
      '!**/*.map',
    ],
    ...BUNDLED.map((name) => `!node_modules/${name}`),
  ],
  extraResources: ['LICENSE', { from: 'out/sbom.cdx.json', to: 'sbom.cdx.json' }],
  asar: true,
  // The system loads a native library by its path, and so does the engine the sample: neither can be inside of an archive.
  asarUnpack: ['node_modules/@duckdb/**', 'resources/sample.pcapng'],
  // The bindings come built.
  npmRebuild: false,
  electronFuses: {
    runAsNode: false,
    enableCookieEncryption: true,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
  },
  fileAssociations: CAPTURE_ENDINGS.map((ext) => ({
    ext,
    name: 'Packet capture',
    description: 'Packet capture',
    mimeType: ext === 'pcapng' ? 'application/x-pcapng' : 'application/vnd.tcpdump.pcap',
    role: 'Viewer',
  })),
  linux: {
    target: ['AppImage', 'tar.gz'],
    category: 'Network',
    mimeTypes: PACKED.map(({ mimeType }) => mimeType),
    executableName: 'natscope',
    icon: 'resources/icon.png',
  },
  mac: {
    target: ['dmg'],
    category: 'public.app-category.developer-tools',
    icon: 'resources/icon.png',
    fileAssociations: PACKED.map(({ ext }) => ({ ext, name: 'Packed capture', role: 'Viewer', rank: 'Alternate' })),
  },
  win: { target: ['nsis'], icon: 'resources/icon.png' },
  publish: null,
};

export default config;
