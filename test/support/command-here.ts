import { Writable } from 'node:stream';
import { main } from '../../src-main/cli/main';
import { processIo } from '../../src-main/cli/io';
import type { CommandResult } from './command';

class Collected extends Writable {
  readonly #chunks: Buffer[] = [];

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // Who writes may use the buffer again.
    this.#chunks.push(Buffer.from(chunk));
    done();
  }
}

/**
 * The command with its real engine in this process, for tests of what it answers: to start a process costs as much as most
 * commands. What a process is and does (signals, pipes, exit, owners of a workspace) is for `natscope` of `command.ts`.
 */
export async function natscopeHere(args: readonly string[]): Promise<CommandResult> {
  const stdout = new Collected();
  const stderr = new Collected();
  const io = { ...processIo(), stdout, stderr, isStdinTty: false, isStderrTty: false, columns: 80 };
  const code = await main(args, io);
  return { code, stdout: stdout.text, stderr: stderr.text };
}
