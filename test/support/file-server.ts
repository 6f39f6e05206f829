import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

/** How one request is answered; the file itself where nothing else is said. */
export interface Answer {
  /** Status without a file. */
  readonly status?: number;
  /** Bytes after which the connection breaks, though more were promised. */
  readonly breaksAfter?: number;
  /** Bytes after which nothing more comes. */
  readonly stallsAfter?: number;
  /** Whether a byte is another one than in the file. */
  readonly corrupt?: boolean;
  /** Whether it hangs up without a word. */
  readonly hangsUp?: boolean;
  /** Address that it leads to. */
  readonly location?: string;
}

/** A request that came. */
export interface Request {
  readonly path: string;
  readonly range?: string;
  readonly authorization?: string;
}

/** A server of one file, which misbehaves as told: one answer for each request, then good ones. */
export class FileServer {
  public readonly requests: Request[] = [];
  public answers: Answer[] = [];
  public file: Buffer = Buffer.alloc(0);
  /** Whether it can send the rest of a file. */
  public ranges = true;
  private readonly server = http.createServer((request, response) => this.answer(request, response));

  public async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  public url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { range, authorization } = request.headers;
    this.requests.push({ path: request.url ?? '', range, authorization });
    const { status, breaksAfter, stallsAfter, corrupt, hangsUp, location } = this.answers.shift() ?? {};
    if (hangsUp) {
      request.socket.destroy();
      return;
    }
    if (status !== undefined) {
      response.writeHead(status, location === undefined ? {} : { location });
      response.end('an error');
      return;
    }
    const from = this.ranges && range ? Number(/^bytes=(\d+)-$/.exec(range)?.[1]) : 0;
    if (from > 0 && from >= this.file.length) {
      response.writeHead(416, { 'Content-Range': `bytes */${this.file.length}` });
      response.end();
      return;
    }
    const body = Buffer.from(this.file.subarray(from));
    if (corrupt) body[0] ^= 1;
    response.writeHead(from > 0 ? 206 : 200, {
      'Content-Length': body.length,
      ...(from > 0 ? { 'Content-Range': `bytes ${from}-${this.file.length - 1}/${this.file.length}` } : {}),
    });
    const sent = breaksAfter ?? stallsAfter;
    if (sent === undefined) response.end(body);
    else response.write(body.subarray(0, sent), () => void (breaksAfter === undefined || setTimeout(() => request.socket.destroy(), 20)));
  }
}
