import { admissionStories } from './dist/admission';
import { readinessStories } from './dist/readiness';
import { endTurn, takeTurn } from './support/namespaces';

// dist/ brings its own namespaces, the same ones on every cluster, so its stories are told one after the other
beforeAll(takeTurn, 700_000);
afterAll(endTurn);

describe('admission', admissionStories);
describe('readiness', readinessStories);
