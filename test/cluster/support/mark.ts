const KEY = 'cdk8s-model-serving.test/made-by';
const VALUE = 'cluster-tests';

/** Label on everything that these tests made, without which they delete nothing. */
export const MARK: Record<string, string> = { [KEY]: VALUE };

/** The mark as a label argument or a selector of kubectl. */
export const MARK_SELECTOR = `${KEY}=${VALUE}`;
