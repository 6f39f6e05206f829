import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PYTHON, pythonEnvironment } from './packages';

/** Fields of a message by their names in the protocol: whole numbers beyond JavaScript's as bigint, values of enumerations by name. */
export interface Fields {
  readonly [field: string]: FieldValue | FieldValue[] | undefined;
}
export type FieldValue = string | number | bigint | boolean | Fields;

/** The real protocol definitions, in one process that answers questions in their order. */
export class Judge {
  private readonly process: ChildProcess;
  private readonly waiting: { answer: (text: string) => void; fail: (error: Error) => void }[] = [];
  private complaints = '';
  private ended?: Error;

  public constructor() {
    this.process = spawn(PYTHON, [join(__dirname, 'judge.py')], {
      env: pythonEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    createInterface({ input: this.process.stdout as NodeJS.ReadableStream }).on('line', (line) => this.waiting.shift()?.answer(line));
    this.process.stderr?.on('data', (data) => {
      this.complaints += data;
    });
    // the reason comes with the end of the process
    this.process.stdin?.on('error', () => {});
    this.process.on('close', () => {
      this.ended = new Error(`the judge has ended: ${this.complaints}`);
      for (const { fail } of this.waiting.splice(0)) fail(this.ended);
    });
  }

  /** What is wrong with a text: undefined where it is a message with these fields, or any message where none are given. */
  public async complaint(message: string, text: string, fields?: Fields): Promise<string | undefined> {
    const question = JSON.stringify({ message, text, fields }, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    const answer = await new Promise<string>((resolve, fail) => {
      if (this.ended) fail(this.ended);
      this.waiting.push({ answer: resolve, fail });
      this.process.stdin?.write(`${question}\n`);
    });
    return JSON.parse(answer) ?? undefined;
  }

  public async end(): Promise<void> {
    const closed = new Promise((resolve) => this.process.on('close', resolve));
    this.process.stdin?.end();
    await closed;
  }
}
