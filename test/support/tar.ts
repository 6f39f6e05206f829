/** A member of an archive: a file with its content, a directory, or a link. */
export interface TarMember {
  readonly name: string;
  readonly content?: string | Buffer;
  /** Target of a symbolic link. */
  readonly link?: string;
}

const BLOCK = 512;

/** An archive with names that tar itself would not write. */
export function tar(members: TarMember[]): Buffer {
  return Buffer.concat([...members.flatMap(blocks), Buffer.alloc(2 * BLOCK)]);
}

function blocks({ name, content, link = '' }: TarMember): Buffer[] {
  const body = Buffer.from(content ?? '');
  const type = link !== '' ? '2' : name.endsWith('/') ? '5' : '0';
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write(type === '5' ? '0000755\0' : '0000644\0', 100);
  header.write('0000000\0'.repeat(2), 108);
  header.write(`${body.length.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 124);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write(link, 157);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [header, body, Buffer.alloc((BLOCK - (body.length % BLOCK)) % BLOCK)];
}
