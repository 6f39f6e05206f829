const SHOWN_CHARACTERS = 120;

/**
 * The one form of every refusal: where it happened, which prop, the value, the rule, and the way out.
 */
export function invalid(where: string, prop: string, value: unknown, rule: string, wayOut: string): Error {
  return new Error(`${where}: '${prop}' (${show(value)}) ${rule}. ${wayOut}`);
}

/**
 * A value as it may stand in a message: one line, no control characters, cut where it is long.
 */
export function show(value: unknown): string {
  let text: string;
  try {
    text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? String(value));
  } catch {
    text = Object.prototype.toString.call(value);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) text = String(value);
  text = text.replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const characters = Array.from(text);
  return characters.length > SHOWN_CHARACTERS ? `${characters.slice(0, SHOWN_CHARACTERS).join('')}…` : text;
}
