import { AppError } from '../contract/errors';
import { PacketFiles } from './packet-files';
import {
  findWireshark,
  isProgram,
  keepChosenProgram,
  programGone,
  programName,
  readChosenProgram,
  startProgram,
  type ProgramPlaces,
} from './packet-program';

export interface PacketOpenerOptions extends ProgramPlaces {
  /** For files that programs are given. */
  readonly folder: string;
  /** File that remembers the chosen program. */
  readonly choicePath: string;
  /** Has the system open a file. @returns why it did not; empty when it did */
  readonly openPath: (path: string) => Promise<string>;
}

/**
 * Opens packets in another program: the one that the user chose in a native dialog, else Wireshark where it is known to be,
 * else what the system opens pcapng with. Nothing that a page says becomes the program, or an option of it.
 */
export class PacketOpener {
  readonly files: PacketFiles;
  readonly #options: PacketOpenerOptions;

  constructor(options: PacketOpenerOptions) {
    this.#options = options;
    this.files = new PacketFiles(options.folder);
  }

  /** Absolute; null for the system's choice. */
  get program(): string | null {
    return readChosenProgram(this.#options.choicePath) ?? findWireshark(this.#options);
  }

  /** @returns its name; null for the system's choice */
  get name(): string | null {
    return this.program === null ? null : programName(this.program);
  }

  /**
   * @param program as the user chose it, absolute
   * @throws AppError PACKET_PROGRAM_GONE when it is none
   */
  choose(program: string): string {
    if (!isProgram(program, this.#options.platform)) throw programGone(program);
    keepChosenProgram(this.#options.choicePath, program);
    return programName(program);
  }

  /**
   * @param workspace its real path; null while it was never opened
   * @param file name of a finished export within `<workspace>/tmp/exports`
   * @param name that it is to have
   * @returns the name of the program; null for the system's choice
   * @throws AppError PACKET_PROGRAM_GONE, PACKET_PROGRAM_MISSING, OUTPUT_UNWRITABLE
   */
  async open(workspace: string | null, file: string, name: string): Promise<string | null> {
    const path = await this.files.take(workspace, file, name);
    const { program } = this;
    if (program !== null) {
      await startProgram(program, path, this.#options.platform);
      return programName(program);
    }
    const refusal = await this.#options.openPath(path);
    if (refusal === '') return null;
    const message = `no program opens pcapng files here (${refusal}): install Wireshark, or choose a program`;
    throw new AppError('PACKET_PROGRAM_MISSING', message, { refusal });
  }
}
