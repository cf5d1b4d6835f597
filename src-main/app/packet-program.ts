import { spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, delimiter, extname, isAbsolute, join } from 'node:path';
import * as z from 'zod/mini';
import { AppError } from '../contract/errors';

/** Where programs are found. */
export interface ProgramPlaces {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Besides the folders of `PATH`, where the packages and installers of Wireshark put it. */
const KNOWN_PLACES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: [
    ...['/usr/bin/wireshark', '/usr/local/bin/wireshark', '/snap/bin/wireshark'],
    '/var/lib/flatpak/exports/bin/org.wireshark.Wireshark',
  ],
  darwin: ['/Applications/Wireshark.app/Contents/MacOS/Wireshark'],
};

/** @returns the absolute path of Wireshark; null where it is not found */
export function findWireshark({ platform, env }: ProgramPlaces): string | null {
  const name = platform === 'win32' ? 'Wireshark.exe' : 'wireshark';
  // An empty or a relative folder in it means wherever the app was started.
  const inPath = (env['PATH'] ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, name));
  const inPrograms = ['ProgramFiles', 'ProgramFiles(x86)'].flatMap((variable) => {
    const folder = platform === 'win32' ? env[variable] : undefined;
    return folder === undefined ? [] : [join(folder, 'Wireshark', name)];
  });
  return (
    [...inPath, ...inPrograms, ...(KNOWN_PLACES[platform] ?? [])].find((path) => isProgram(path, platform)) ?? null
  );
}

/** @returns whether there is a file that can be started, or an application of macOS */
export function isProgram(path: string, platform: NodeJS.Platform): boolean {
  try {
    const stats = statSync(path);
    if (platform === 'darwin' && stats.isDirectory()) return extname(path) === '.app';
    // A script of the command processor would need a shell.
    if (platform === 'win32') return stats.isFile() && extname(path).toLowerCase() === '.exe';
    accessSync(path, constants.X_OK);
    return stats.isFile();
  } catch {
    return false;
  }
}

/** @returns as it is called on screen: `Wireshark` for the program of that name, however it is written */
export function programName(path: string): string {
  const name = basename(path).replace(/\.(?:exe|app)$/iu, '');
  return /wireshark$/iu.test(name) ? 'Wireshark' : name;
}

const choice = z.object({ path: z.string().check(z.minLength(1), z.maxLength(4096), z.refine(isAbsolute)) });

/** @returns the program that the user chose; null when none was, or what is written cannot be read */
export function readChosenProgram(path: string): string | null {
  try {
    return choice.parse(JSON.parse(readFileSync(path, 'utf8'))).path;
  } catch {
    return null;
  }
}

/** @throws what the system says when it cannot be kept */
export function keepChosenProgram(path: string, program: string): void {
  writeFileSync(`${path}.part`, JSON.stringify({ path: program }));
  renameSync(`${path}.part`, path);
}

/**
 * Starts a program with a file, without a shell, and lets it run on when the app ends.
 *
 * @param program absolute
 * @param file absolute, so that it cannot be taken for an option
 * @throws AppError PACKET_PROGRAM_GONE when it cannot be started
 */
export async function startProgram(program: string, file: string, platform: NodeJS.Platform): Promise<void> {
  if (!isProgram(program, platform)) throw programGone(program);
  const isBundle = platform === 'darwin' && extname(program) === '.app';
  const [command, args] = isBundle ? ['/usr/bin/open', ['-a', program, file]] : [program, [file]];
  await new Promise<void>((resolve, reject) => {
    const child = spawn(command, args, { detached: true, stdio: 'ignore', shell: false });
    child.once('error', (cause) => reject(programGone(program, cause)));
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
}

export function programGone(program: string, cause?: unknown): AppError {
  const message = `${program} is not a program that can be started, or not any more: choose another one`;
  return new AppError('PACKET_PROGRAM_GONE', message, { program }, { cause });
}
