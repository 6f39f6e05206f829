/** How Kubernetes finds objects by their labels: those that meet all of it. */
export interface LabelSelector {
  readonly matchLabels?: { readonly [label: string]: string };
  readonly matchExpressions?: readonly LabelExpression[];
}

/** What a selector wants of one label. */
export interface LabelExpression {
  readonly key?: string;
  readonly operator?: string;
  readonly values?: readonly string[];
}

/** Whether labels meet what expressions want; an expression that the API refuses is met by none. */
export function meets(labels: { readonly [label: string]: string }, expressions: readonly LabelExpression[] = []): boolean {
  return expressions.every(({ key = '', operator, values = [] }) => {
    const value = Object.getOwnPropertyDescriptor(labels, key)?.value;
    switch (operator) {
      case 'In':
        return values.includes(value);
      case 'NotIn':
        return !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}

/** A selector as a text that is the same for all that say the same. */
export function selectorKey({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const expressions = matchExpressions.map(({ key = '', operator = '', values = [] }) => [key, operator, ...[...values].sort()].join());
  return JSON.stringify([Object.entries(matchLabels).sort(([a], [b]) => (a < b ? -1 : 1)), expressions.sort()]);
}
