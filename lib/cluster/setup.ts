/** A command that sets something up, or a comment where no single command does. */
export interface SetupAnswer {
  readonly command: string;
  readonly purpose: string;
}
