/** What the app is. */
export const about = {
  about: {
    title: 'About Natscope',
    what: 'A desktop workbench for NAT traffic. Nothing leaves this computer.',
    platform: 'System',
    browser: 'Browser',
    workspace: 'Workspace',
    copy: 'Copy all of it',
    copied: 'Copied what Natscope is',
  },
};
